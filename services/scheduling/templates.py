"""What a program's calendars say beside its meetings: addresses and the joining link, from a file of templates.

The file is JSON: `{"default": {...}, "programs": {"spring": {...}}}`, each with any of `join`, `address`, `organizer`,
`name` and `vocabulary`; what a program does not say is as in `default`. It is read once, when the service starts.
None of it enters the log: addresses and links are personal, and links let people in.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from string import Formatter
from types import MappingProxyType
from typing import Annotated

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from services.scheduling.appointment import FEATURES, Addresses, Appointment
from services.scheduling.feed_key import FILE_VARIABLE, FeedKey, read_key
from shared.events.errors import broken, refusal
from shared.events.types import Token
from shared.settings import BadSetting, Settings
from shared.vocabulary import ESCO_ICT, InvalidVocabulary, load

logger = logging.getLogger("mentoring.calendars")
VARIABLE = "MENTORING_CALENDARS"
LONGEST = 1024
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!#-;=?-\[\]_a-z~]+")
"""An absolute URI (RFC 3986) of the characters that it may have; quotes and blanks would end it early."""
_LINK = re.compile(r"https?://[^/?#:@]+(:[0-9]{1,5})?([/?#].*)?", re.IGNORECASE)
_SAMPLE = dict.fromkeys(("program", "person", "cycle", "meeting", "room"), "x")


def _template(*names: str) -> AfterValidator:
    """A template that names nothing but these, each in plain braces."""

    def check(text: str) -> str:
        try:
            parts = list(Formatter().parse(text))
        except ValueError:
            raise broken("must have its braces in pairs") from None
        for _, name, form, conversion in parts:
            if name is not None and (name not in names or form or conversion):
                raise broken(f"may name {_listed(names)}, and nothing else in braces")
        return text

    return AfterValidator(check)


def _uri(text: str) -> str:
    if not _URI.fullmatch(text.format_map(_SAMPLE)):
        raise broken("must be an absolute URI such as mailto:{person}@example.org")
    return text


def _link(text: str) -> str:
    filled = text.format_map(_SAMPLE)
    if not (_URI.fullmatch(filled) and _LINK.fullmatch(filled)):
        raise broken("must be a URL with http or https, such as https://meet.example.org/{room}")
    return text


def _of_one_person(text: str) -> str:
    if "{person}" not in text:
        raise broken("must name {person}: each person has an address")
    return text


def _words(text: str) -> str:
    if not text.isprintable():
        raise broken("must be one line of text")
    return text


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)


def _known(name: str) -> str:
    try:
        load(name)
    except InvalidVocabulary as error:
        raise broken(str(error)) from None
    return name


_Text = Annotated[str, Field(strict=True, min_length=1, max_length=LONGEST)]
_Join = Annotated[_Text, _template("program", "cycle", "meeting", "room"), AfterValidator(_link)]
_Address = Annotated[
    _Text,
    _template("program", "person"),
    AfterValidator(_of_one_person),
    AfterValidator(_uri),
]
_Organizer = Annotated[_Text, _template("program", "cycle"), AfterValidator(_uri)]
_Name = Annotated[_Text, _template("program"), AfterValidator(_words)]


class Templates(BaseModel):
    """The templates of one program, in whole or in part."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    join: _Join | None = None
    address: _Address = "urn:mentoring:{program}:{person}"
    organizer: _Organizer = "urn:mentoring:{program}"
    name: _Name = "Mentoring"
    vocabulary: Annotated[_Text, AfterValidator(_known)] = ESCO_ICT

    def in_words(self, meeting: Appointment) -> Appointment:
        """The meeting with its skills in words, as far as the program's vocabulary has some."""
        if not meeting.skills:
            return meeting
        known = load(self.vocabulary)
        return replace(meeting, skills=tuple(known.label(skill) for skill in meeting.skills))

    def addresses(self, meeting: Appointment, key: FeedKey | None) -> Addresses:
        """Who invites whom, and where they meet."""
        of = {"program": meeting.program, "cycle": meeting.cycle, "meeting": meeting.meeting}
        mentee, mentor = (
            self.address.format(program=meeting.program, person=person)
            for person in (meeting.mentee, meeting.mentor)
        )
        join = None
        if self.join is not None and meeting.format in FEATURES:
            room = key.room(meeting.program, meeting.cycle, meeting.meeting) if key else ""
            join = self.join.format(room=room, **of)
        return Addresses(self.organizer.format_map(of), mentee, mentor, join)


STANDARD = Templates()
"""Without a file: addresses that name nobody outside, and no link."""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    default: Templates = STANDARD
    programs: Mapping[Token, Templates] = {}


class Calendars:
    """The templates of every program."""

    def __init__(
        self,
        default: Templates = STANDARD,
        programs: Mapping[str, Templates] = MappingProxyType({}),
    ) -> None:
        self._default = default
        self._programs = programs

    def of(self, program: str) -> Templates:
        """The templates of a program."""
        return self._programs.get(program, self._default)

    def name_rooms(self) -> bool:
        """Whether some link has a room, which only a key can name."""
        every = (self._default, *self._programs.values())
        return any(each.join is not None and "{room}" in each.join for each in every)


def opened(settings: Settings) -> tuple[Calendars, FeedKey | None]:
    """The templates and the key that the settings name.

    Raises:
        BadSetting: one of them cannot be used.
    """
    key = read_key(settings.calendar_key_file, settings.calendar_key)
    return read_calendars(settings.calendars, key), key


def check(settings: Settings) -> None:
    """Look at the settings when the service starts, and say when there are no feeds.

    Raises:
        BadSetting: one of them cannot be used.
    """
    _, key = opened(settings)
    if key is None:
        logger.warning("calendar feeds are off: %s is not set", FILE_VARIABLE)


def read_calendars(file: Path | None, key: FeedKey | None) -> Calendars:
    """The templates in a file; the defaults without one.

    Raises:
        BadSetting: the file cannot be read, or breaks a rule, or needs a key that is not there; the words name the field.
    """
    if file is None:
        return Calendars()
    found = _read(file)
    if key is None and found.name_rooms():
        raise BadSetting(f"{VARIABLE}: {file}: a link with {{room}} needs {FILE_VARIABLE}")
    return found


def _read(file: Path) -> Calendars:
    try:
        given = orjson.loads(file.read_bytes())
    except OSError as error:
        words = error.strerror or type(error).__name__
        raise BadSetting(f"{VARIABLE}: {file} cannot be read: {words}") from error
    except orjson.JSONDecodeError as error:
        raise BadSetting(f"{VARIABLE}: {file}: line {error.lineno}: is no JSON") from error
    try:
        told = _File.model_validate(given)
    except ValidationError as error:
        raise BadSetting(f"{VARIABLE}: {file}: {refusal(error, given, '')}") from None
    common = told.default.model_dump(exclude_unset=True)
    whole = {
        program: Templates.model_validate(common | own.model_dump(exclude_unset=True))
        for program, own in told.programs.items()
    }
    return Calendars(told.default, whole)
