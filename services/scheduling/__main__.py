"""The command line of scheduling: run, migrate, openapi, asyncapi."""

from services.scheduling.api import router
from services.scheduling.app import SERVICE
from services.scheduling.templates import check
from shared.app import main
from shared.service import Service
from shared.settings import Settings


def _prepare(settings: Settings) -> Service:
    check(settings)
    return SERVICE


main(SERVICE, router, _prepare)
