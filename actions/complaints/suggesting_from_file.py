"""Suggestions with nothing but a protocol's file: its clauses are those of its current version."""

from collections.abc import Sequence
from typing import Any

from actions.complaints.clause_index import Index
from actions.complaints.suggested import Clause, Earlier, Outside, Suggestion
from actions.complaints.suggesting import suggest
from models.protocol_file import ProtocolFile


def clauses_in(file: ProtocolFile) -> list[Clause]:
    return [Clause(entry.id, entry.heading, entry.meaning, entry.vocabulary) for entry in file.clauses]


def outside_in(file: ProtocolFile) -> list[Outside]:
    return [Outside(entry.id, entry.heading, entry.vocabulary) for entry in file.outside]


def suggest_from_file(file: ProtocolFile, text: str, earlier: Sequence[Earlier] = ()) -> Suggestion:
    """Raises what `narrative_of` raises: NothingToRead, NarrativeTooLong, NotText, OtherScript."""
    return suggest(Index(clauses_in(file), outside_in(file), earlier), text)


def as_answer(suggestion: Suggestion) -> dict[str, Any]:
    """What `--json` prints."""
    return {
        "clauses": [each._asdict() for each in suggestion.clauses],
        "none_likely": suggestion.none_likely,
        "none_because": suggestion.none_because,
        "similar": [each._asdict() for each in suggestion.similar],
    }
