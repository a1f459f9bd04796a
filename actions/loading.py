"""Load a protocol's file: insert what is new, update what differs, touch nothing that is settled.

The file has been read and checked whole (`models.protocol_file.read_protocol`). Loading it a second time
changes nothing, writes no history and sends nothing. Where somebody has corrected the store since the last
load, the correction stands and the report says so.
"""

from collections.abc import Mapping, Sized
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from actions.duties import look_again
from actions.load_report import Loading, LoadReport
from actions.loading_checklist import load_checklist
from actions.loading_legislation import load_legislation
from actions.loading_matters import load_matters
from actions.loading_members import ask_who_is_new, load_officers, load_parties
from actions.loading_procedures import load_procedures
from actions.loading_review import load_review_date
from actions.loading_successions import load_successions
from actions.loading_text import load_clauses, load_signatures, load_versions
from actions.loading_vocabulary import outside_of
from models import history
from models.fail_points import reached
from models.locking import lock
from models.protocol import Protocol
from models.protocol_file import ProtocolFile
from rules.sentences import listed

__all__ = ["LoadReport", "load_protocol"]

# In this order: each finds what it speaks of in the store.
PARTS = (
    load_officers, load_parties, load_clauses, load_versions, load_signatures, ask_who_is_new, load_legislation,
    load_checklist, load_successions, load_review_date, load_matters, load_procedures,
)  # fmt: skip


def load_protocol(session: Session, now: datetime, file: ProtocolFile, by: str) -> LoadReport:
    """In the caller's transaction, which has to be rolled back if this raises FileContradictsStore.

    Messages go out only to those a change concerns: a party that joins in the middle of a review is asked.
    """
    lock(session, f"protocol:{file.identity.slug}")
    loading = _begin(session, now, file, by)
    for load in PARTS:
        load(loading)
        reached("a part of the protocol is loaded")
    return _end(loading)


def _begin(session: Session, now: datetime, file: ProtocolFile, by: str) -> Loading:
    of_slug = select(Protocol).where(Protocol.slug == file.identity.slug)
    held = of_slug.with_for_update(key_share=True)  # whoever only refers to it does not wait
    known = session.exec(held.execution_options(populate_existing=True)).first()  # as another load has left it
    if known is not None:
        before = {field: getattr(known, field) for field in WORDS}
        loading = Loading(session, now, by, file, known, first=False, before=before)
        _update_identity(loading)
        return loading
    protocol = Protocol(slug=file.identity.slug, loaded_at=now, outside=outside_of(file), **_identity(file))
    session.add(protocol)
    session.flush()
    return Loading(session, now, by, file, protocol, first=True, before={})


def _identity(file: ProtocolFile) -> dict[str, Any]:
    return {
        "name": file.identity.name,
        "short_name": file.identity.short_name,
        "zone": file.identity.zone,
        "nation": file.identity.nation,
        "policies": file.identity.policies.model_dump(mode="json"),
        "operating": file.identity.operating.model_dump(mode="json"),
        "demonstration": file.demonstration,
    }


WORDS = {
    "name": "The protocol's name",
    "short_name": "The name by which messages call it",
    "zone": "Its time zone",
    "nation": "The nation whose bank holidays count",
    "policies": "What the protocol says about its own upkeep (policies)",
    "operating": "How it is operated (windows and reminders)",
    "demonstration": "Whether it is a demonstration",
}


def _update_identity(loading: Loading) -> None:
    changed = loading.update(loading.protocol, _identity(loading.file))
    for field, (before, after) in changed.items():
        loading.change(f"{WORDS[field]} changed.", f"{field} changed by file", before=before, after=after)
    operating: list[dict[str, Any]] = changed.get("operating", [{}, {}])
    if operating[0].get("ladders") != operating[1].get("ladders"):
        look_again(loading.session, loading.now, loading.protocol)


def _end(loading: Loading) -> LoadReport:
    loading.session.flush()
    if loading.first:
        numbers = {what: len(items) for what, items in _lists(loading.file).items()}
        loading.created[:0] = [f"“{loading.protocol.name}” is here, with {_counted(numbers)}."]
        history.write(loading.session, loading.case, loading.now, loading.by, "protocol loaded", contains=numbers)
        return loading.report()
    report = loading.report()
    if report.anything:
        loading.protocol.loaded_at = loading.now
        loading.session.add(loading.protocol)
    return report


def _lists(file: ProtocolFile) -> dict[str, Sized]:
    return {
        "parties": file.parties,
        "clauses": file.clauses,
        "versions": file.versions,
        "signature rows": file.signatures,
        "items of legislation": file.legislation,
        "items to confirm": file.checklist,
    }


def _counted(numbers: Mapping[str, int]) -> str:
    return listed([f"{number} {what}" for what, number in numbers.items()])
