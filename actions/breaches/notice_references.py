"""The numbers that a regulator, or a controller, gave to what it was told. What was given is never changed: a number
that comes afterwards, or another one, stands in history, and the newest counts."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session, col, select

from models.breach import Breach, RegulatorNotice
from models.history import History, write
from models.protocol import Party

AFTERWARDS = "regulator's reference"
TOLD = ("notice given", "supplement given", AFTERWARDS)

Numbered = tuple[str, str, int]  # the party's short name, to whom, and the notice's number


def references_in(session: Session, breach: Breach) -> Mapping[Numbered, str]:
    """The newest of each notice that has one."""
    told = select(History.details).where(History.case == breach.case, col(History.what).in_(TOLD))
    rows = session.exec(told.order_by(col(History.seq)))
    return {
        (str(details["party"]), str(details.get("to", "")), int(details["number"])): str(details["reference"])
        for details in rows
        if details["reference"]
    }


def reference_of(known: Mapping[Numbered, str], slug: str, notice: RegulatorNotice) -> str | None:
    """`known`: of its breach; history of before notices were numbered by whom they go to does not say to whom. One that
    came with a merger has its own in its row."""
    number = notice.number
    return known.get((slug, notice.addressee.value, number)) or known.get(
        (slug, "", number), notice.regulator_reference
    )


def with_reference(
    session: Session, now: datetime, breach: Breach, party: Party, row: RegulatorNotice, reference: str | None, by: str
) -> RegulatorNotice:
    """The same again does nothing."""
    if reference is not None and reference != reference_of(references_in(session, breach), party.slug, row):
        write(
            session, breach.case, now, by, AFTERWARDS, party=party.slug, to=row.addressee.value, number=row.number,
            reference=reference,
        )  # fmt: skip
    return row
