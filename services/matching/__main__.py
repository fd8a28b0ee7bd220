"""The command line of matching: run, migrate, openapi, asyncapi."""

from services.matching.api import router
from services.matching.app import SERVICE
from shared.app import main

main(SERVICE, router)
