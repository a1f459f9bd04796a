"""The outbox's near end: a message is queued in the transaction that makes it true, and once per key."""

import hashlib
import typing
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from enum import StrEnum
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import make_transient_to_detached
from sqlmodel import Session, col, select

from models.inserting import insert_all, insert_those_not_there
from models.lists import each_of
from models.obligation import Obligation
from models.outbox import Delivery, MessageAbout, SharedText
from models.outbox import Message as OutboxRow
from models.protocol import Contact, Protocol
from models.store import is_postgres
from notifications.messages import Message
from notifications.render import Rendered, Words, render
from settings import settings


class NotQueued(StrEnum):
    """Why nothing was queued, in the words that history and overviews use."""

    ALREADY_SAID = "it was queued before"
    ADDRESS_BOUNCED = "the address has bounced and was not corrected since"


def why_not_queued(session: Session, *, to: Contact, key: str) -> NotQueued | None:
    """The reason for which `queue` would answer None; None where it would queue."""
    if to.bounced_at is not None:
        return NotQueued.ADDRESS_BOUNCED
    known = session.exec(select(OutboxRow.id).where(col(OutboxRow.key) == key)).first()
    return NotQueued.ALREADY_SAID if known is not None else None


class Owed(typing.Protocol):
    """An obligation, as far as a message about it is concerned."""

    @property
    def id(self) -> int | None: ...
    @property
    def key(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A message and whom it goes to, as `queue` takes them. `asked_for`: they ask for it themselves, and wait for it:
    it is tried although the address has bounced, as when a mailbox was full last month."""

    message: Message
    to: Contact
    key: str
    case: str
    protocol: Protocol
    about: Sequence[Owed] = ()
    only_while_owed: bool = False
    resend_in_doubt: bool = True
    sequence: int = 0
    not_before: datetime | None = None
    asked_for: bool = False

    def __post_init__(self) -> None:
        if self.only_while_owed and not self.about:
            raise ValueError("only_while_owed needs the obligations that the message is about")


def queue(
    session: Session,
    now: datetime,
    message: Message,
    *,
    to: Contact,
    key: str,
    case: str,
    protocol: Protocol,
    about: Sequence[Obligation] = (),
    only_while_owed: bool = False,
    resend_in_doubt: bool = True,
    sequence: int = 0,
    not_before: datetime | None = None,
    asked_for: bool = False,
) -> OutboxRow | None:
    """Queue the message for the contact, in the caller's transaction. None: see `why_not_queued`.

    `not_before`: what more there is to say until then can be said in the same one (`giving_way`).

    A calendar entry belongs to the one obligation the message is about, so that a later message about it,
    given a higher `sequence`, moves the entry instead of adding another.
    """
    letter = Letter(
        message=message, to=to, key=key, case=case, protocol=protocol, about=about, only_while_owed=only_while_owed,
        resend_in_doubt=resend_in_doubt, sequence=sequence, not_before=not_before, asked_for=asked_for,
    )  # fmt: skip
    for values in _queued(session, now, [letter]):
        row = OutboxRow(**values, shared_text=None)  # of one message nothing is shared
        make_transient_to_detached(row)
        session.add(row)
        return row
    return None


def queue_many(session: Session, now: datetime, letters: Sequence[Letter]) -> dict[str, int]:
    """The same of many, a few statements however many they are. Answers the numbers of those that were queued, by key:
    those of bounced addresses, and what was said before, are not among them."""
    return {row["key"]: row["id"] for row in _queued(session, now, letters)}


def _queued(session: Session, now: datetime, letters: Sequence[Letter]) -> list[dict[str, Any]]:
    """The rows of those that were queued, as they are in the store now."""
    # one letter is nearly always new, and drawn for nothing at worst
    known = _known(session, letters) if len(letters) > 1 else set[str]()
    new: dict[str, Letter] = {}
    for letter in letters:
        if (letter.to.bounced_at is None or letter.asked_for) and letter.key not in known:
            new.setdefault(letter.key, letter)
    drawn = [(letter, _rendered(letter, now)) for letter in new.values()]
    texts = _kept_once(session, [rendered.said for _, rendered in drawn])
    rows = [_row(letter, rendered, texts.get(rendered.said), now) for letter, rendered in drawn]
    session.flush()  # what they are about may be as new as they are
    numbers = insert_those_not_there(session, OutboxRow, rows)
    links = [
        {"message_id": number, "obligation_id": owed.id}
        for key, number in numbers.items() for owed in new[key].about
    ]  # fmt: skip
    insert_all(session, MessageAbout, links)
    return [row | {"id": numbers[row["key"]]} for row in rows if row["key"] in numbers]


def _known(session: Session, letters: Sequence[Letter]) -> set[str]:
    """Those that were queued before need not be drawn."""
    keys = [letter.key for letter in letters]
    return set(session.execute(_keys_there(is_postgres(session)), {"names": keys}).scalars())


@cache
def _keys_there(on_postgres: bool) -> sa.Select[tuple[str]]:
    each = each_of(on_postgres)
    return sa.select(each.c.value).where(sa.exists().where(col(OutboxRow.key) == each.c.value))


def _rendered(letter: Letter, now: datetime) -> Rendered:
    entry_key = letter.about[0].key if len(letter.about) == 1 else letter.key
    return render(letter.message, key=f"{entry_key}@{_domain()}", now=now, sequence=letter.sequence)


def _kept_once(session: Session, said: Sequence[Words]) -> dict[Words, int]:
    """The numbers of what more than one of these messages says."""
    shared = [words for words, times in Counter(said).items() if times > 1]
    texts = [SharedText(text=words.text, html=words.html) for words in shared]
    session.add_all(texts)
    session.flush()
    return {words: text.id for words, text in zip(shared, texts, strict=True) if text.id is not None}


def _row(letter: Letter, rendered: Rendered, shared: int | None, now: datetime) -> dict[str, Any]:
    return {
        "key": letter.key,
        "kind": letter.message.folder,
        "protocol_id": letter.protocol.id,
        "case": letter.case,
        "contact_id": letter.to.id,
        "address": letter.to.address,
        "reply_to": letter.message.secretary,
        "message_id": message_id_of(letter.key, letter.protocol),
        "subject": rendered.subject,
        "shared_text_id": shared,
        "own_text": rendered.text if shared is None else rendered.own_text,
        "own_html": rendered.html if shared is None else rendered.own_html,
        "calendar": rendered.calendar,
        "resend_in_doubt": letter.resend_in_doubt,
        "only_while_owed": letter.only_while_owed,
        "state": Delivery.QUEUED,
        "queued_at": now,
        "next_attempt_at": letter.not_before or now,
        "attempts": 0,
    }


def message_id_of(key: str, protocol: Protocol) -> str:
    """The Message-ID header, fixed by the key: a second copy is known for the same message."""
    digest = hashlib.sha256(f"{protocol.slug}/{key}".encode()).hexdigest()
    return f"<{digest[:40]}@{_domain()}>"


def _domain() -> str:
    return _domain_of(settings().mail_from)


@cache
def _domain_of(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2].lower() or "localhost"
