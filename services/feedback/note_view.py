"""Notes as a reader may see them. What may be read is unsealed for it."""

from __future__ import annotations

from services.feedback.access import Reader, sees_note
from services.feedback.answers import NoteSeen
from services.feedback.model import Cycle, Note
from services.feedback.reveal import Unseal
from services.feedback.sealing import Contents, Place
from shared.world import World


def notes(unseal: Unseal, world: World, cycle: Cycle, reader: Reader) -> list[NoteSeen]:
    """The notes that a reader may see, the oldest first."""
    rows = visible_notes(world, cycle, reader)
    return [_note(note, words_of(unseal, note)) for note in sorted(rows, key=_when)]


def visible_notes(world: World, cycle: Cycle, reader: Reader) -> list[Note]:
    """The notes that a reader may see."""
    rows = world.where(Note, program=cycle.program, cycle=cycle.cycle)
    return [note for note in rows if sees_note(reader, cycle, note)]


def _when(note: Note) -> tuple[float, str]:
    return note.at.timestamp(), note.note


def words_of(unseal: Unseal, note: Note) -> Contents | None:
    """What a note says, while the keys of its author and of whom it is about exist."""
    return unseal(note.by, note.about, place_of_note(note), note.sealed)


def place_of_note(note: Note) -> Place:
    """Where a note belongs: authenticated with what is sealed."""
    return Place(note.program, note.cycle, "note", note.note, note.by, note.kind)


def _note(note: Note, contents: Contents | None) -> NoteSeen:
    return NoteSeen(
        note=note.note,
        kind=note.kind,
        by=note.by,
        about=note.about,
        at=note.at,
        goal=note.goal,
        due_on=note.due_on,
        done=note.done,
        audience=note.audience,
        text=contents.text if contents else None,
        unreadable=contents is None,
    )
