"""python -m services.feedback: run | migrate | openapi | asyncapi."""

from services.feedback.app import SERVICE, prepare, router
from shared.app import main

main(SERVICE, router, prepare)
