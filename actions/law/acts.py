"""An Act, by its key in the register or by its title; and how a sentence cites it."""

from sqlmodel import Session, col, select

from actions.cast import NotThere
from models.protocol import Legislation, LegislationChange, Protocol
from rules.errors import Refused
from rules.sentences import listed, written_day
from rules.texts import plain, shown

LONGEST_LIST = 200  # characters that the clauses may take in a sentence; beyond that they are counted


class NotOneLine(Refused):
    def __init__(self, what: str) -> None:
        super().__init__(f"Write the {what} in one line of characters that can be seen.")


def register_rows(session: Session, protocol: Protocol) -> list[Legislation]:
    """In the document's order."""
    statement = select(Legislation).where(Legislation.protocol_id == protocol.id)
    return list(session.exec(statement.order_by(col(Legislation.id))))


def act_named(session: Session, protocol: Protocol, key: str) -> Legislation:
    """By its key. Raises NotThere, naming the keys there are."""
    rows = register_rows(session, protocol)
    for row in rows:
        if row.key == key.strip():
            return row
    known = f"it lists {', '.join(row.key for row in rows)}" if rows else "it lists none"
    raise NotThere(
        f"There is no “{shown(key)}” in the register of {protocol.slug}: {known}. An Act that is not listed is named "
        "with its title (`--act`)."
    )


def listed_as(session: Session, protocol: Protocol, title: str) -> Legislation | None:
    """The row of the register that bears this title, however its letters are written."""
    wanted = same_title(title)
    return next((row for row in register_rows(session, protocol) if same_title(row.title) == wanted), None)


def same_title(title: str) -> str:
    return " ".join(title.split()).casefold()


def one_line(text: str, what: str) -> str:
    """Without the space around it. Raises NotText, NotOneLine where it says nothing or holds what nobody sees."""
    words = plain(text)
    if not words or not words.isprintable():
        raise NotOneLine(what)
    return words


def clauses_resting_on(act: Legislation) -> tuple[str, ...]:
    """As the protocol's file states it."""
    return tuple(act.clauses)


def cited(change: LegislationChange) -> str:
    """“Data Protection Act 2018, section 164A, in force from Friday 19 June 2026”."""
    return f"{part_of(change.act, change.section)}, in force from {written_day(change.in_force_from)}"


def part_of(act: str, section: str | None) -> str:
    if section is None:
        return act
    return f"{act}, {'section ' if section[0].isdigit() else ''}{section}"


def bearing_on(clauses: tuple[str, ...] | list[str]) -> str:
    """“clause 9-complaints”, “clauses 2, 3 and 4”, “26 clauses” where their names would fill a page."""
    names = listed(clauses)
    if len(names) > LONGEST_LIST:
        return f"{len(clauses)} clauses"
    return f"clause {names}" if len(clauses) == 1 else f"clauses {names}"
