"""Matching's migrations, run by `python -m services.matching migrate`."""

from services.matching.store import Base
from shared.migrate import run

run(Base.metadata)
