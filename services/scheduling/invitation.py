"""An invitation, an update or a cancellation (RFC 5546): one meeting for both of its persons.

The latest wins: the same UID with a higher SEQUENCE takes the place of what a calendar program had.
"""

from __future__ import annotations

from icalendar import Event, Parameters, vCalAddress

from services.scheduling.appointment import Addresses, Appointment, vevent
from services.scheduling.vcalendar import vcalendar, written, zones_of


def invitation(meeting: Appointment, addresses: Addresses) -> bytes:
    """METHOD:REQUEST for a meeting that stands, first or changed; METHOD:CANCEL for one that is dropped."""
    event = vevent(meeting, addresses)
    for address in (addresses.mentee, addresses.mentor):
        _invite(event, address, addresses.organizer, dropped=meeting.dropped)
    return written(vcalendar(method_of(meeting)), [*zones_of([meeting]), event.to_ical()])


def method_of(meeting: Appointment) -> str:
    """What it asks of a calendar program."""
    return "CANCEL" if meeting.dropped else "REQUEST"


def _invite(event: Event, address: str, organizer: str, *, dropped: bool) -> None:
    """An answer is asked for where one can be sent: an organizer with a mailbox."""
    invited = {
        "CUTYPE": "INDIVIDUAL",
        "ROLE": "REQ-PARTICIPANT",
        "PARTSTAT": "NEEDS-ACTION",
        "RSVP": "TRUE" if organizer.lower().startswith("mailto:") else "FALSE",
    }
    event.add("ATTENDEE", vCalAddress(address), Parameters({} if dropped else invited))
