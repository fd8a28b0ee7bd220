"""`mentoring schedule`: when people meet, when they could, and whether they did."""

from __future__ import annotations

import typer

from services.cli.schedule.agenda_command import agenda
from services.cli.schedule.feed_command import feed
from services.cli.schedule.invitation_command import invitation
from services.cli.schedule.meeting_command import meeting
from services.cli.schedule.plan_command import plan
from services.cli.schedule.slots_command import slots

schedule = typer.Typer(
    no_args_is_help=True,
    help="Meetings: a person's agenda, common time of two, a cycle's plan, one meeting with its evidence; calendar feeds and invitations.",
)
schedule.command()(agenda)
schedule.command()(slots)
schedule.command()(plan)
schedule.command()(meeting)
schedule.command()(feed)
schedule.command()(invitation)
