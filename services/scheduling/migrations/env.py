"""Scheduling's migrations, run by `python -m services.scheduling migrate`."""

from services.scheduling.store import Base
from shared.migrate import run

run(Base.metadata)
