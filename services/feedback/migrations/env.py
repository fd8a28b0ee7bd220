"""Feedback's migrations, run by `python -m services.feedback migrate`."""

from services.feedback.store import Base
from shared.migrate import run

run(Base.metadata)
