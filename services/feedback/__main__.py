"""python -m services.feedback: run | migrate | openapi | asyncapi."""

from services.feedback.app import RING, SERVICE, router
from shared.app import main

main(SERVICE, router, RING.prepare)
