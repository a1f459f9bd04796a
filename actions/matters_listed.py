"""The secretary's list with what somebody wrote when they asked for something, and what may be answered."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from sqlmodel import Session

from actions.overview import MatterLine, matter_line
from actions.party_matters import Ask, row_of_request, source_of, words_of_request
from actions.standing_in import has_a_deputy
from models.protocol import Contact, Matter


@dataclass(frozen=True, kw_only=True)
class ListedMatter(MatterLine):
    """`history` is the case whose history is the source; `may` what can be answered here, beside closing it."""

    history: str | None
    said: str | None
    may: tuple[str, ...]


def listed(session: Session, matters: Iterable[tuple[Matter, str]]) -> list[ListedMatter]:
    return [
        ListedMatter(
            **asdict(matter_line(matter, slug)), history=source_of(matter), said=words_of_request(session, matter),
            may=_may(session, matter),
        )
        for matter, slug in matters
    ]  # fmt: skip


def _may(session: Session, matter: Matter) -> tuple[str, ...]:
    row = row_of_request(session, matter)
    if row is None:
        return ()
    contact = session.get(Contact, row.details.get("contact") or 0)
    if row.what == Ask.STAND_IN and contact is not None and has_a_deputy(contact):
        return ("accept", "refuse")
    return ("correct", "refuse") if row.what == Ask.NOT_ME else ("refuse",)
