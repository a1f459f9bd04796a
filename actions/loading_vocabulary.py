"""The words by which people tell of a clause, and of what no clause governs. They may change at any time: they are no
part of the text that is signed.
"""

from collections.abc import Mapping
from typing import Any

from actions.load_report import Loading
from models.protocol import Clause
from models.protocol_file import ProtocolFile
from models.protocol_file.clauses import ClauseEntry


def outside_of(file: ProtocolFile) -> list[dict[str, Any]]:
    return [topic.model_dump(mode="json") for topic in file.outside]


def load_vocabulary(loading: Loading, known: Mapping[str, Clause]) -> frozenset[str]:
    """The clauses whose vocabulary the file has changed, of those that are known. One sentence, one row of history.

    What was loaded before there was any vocabulary has none (NULL): it gets the file's.
    """
    changed = sorted(entry.id for entry in loading.file.clauses if _changes(loading, known.get(entry.id), entry))
    outside = outside_of(loading.file)
    other_outside = (loading.protocol.outside or []) != outside
    if other_outside:
        loading.update(loading.protocol, {"outside": outside})
    if changed or other_outside:
        what = "vocabulary changed by file"
        loading.change(_sentence(len(changed), other_outside), what, clauses=changed, outside=other_outside)
    return frozenset(changed)


def _changes(loading: Loading, clause: Clause | None, entry: ClauseEntry) -> bool:
    vocabulary = list(entry.vocabulary)
    if clause is None or (clause.vocabulary or []) == vocabulary:
        return False
    return bool(loading.update(clause, {"vocabulary": vocabulary}))


def _sentence(clauses: int, outside: bool) -> str:
    of = [f"of {'one clause' if clauses == 1 else f'{clauses} clauses'}"] if clauses else []
    of += ["of what no clause governs"] if outside else []
    return f"The vocabulary {' and '.join(of)} has changed."
