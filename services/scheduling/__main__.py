"""The command line of scheduling: run, migrate, openapi, asyncapi."""

from services.scheduling.api import router
from services.scheduling.app import SERVICE
from shared.app import main

main(SERVICE, router)
