"""`python -m services.cli`: the same as `mentoring`."""

from services.cli.main import main

main()
