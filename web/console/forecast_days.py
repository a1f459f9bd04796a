"""The forecast as people read it: what is sent on which day, alike messages as one line with everybody they go to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from sqlmodel import col, select

from actions.cast import NotThere, party_named, protocol_named
from actions.forecasting import forecast_of
from models.protocol import Party, Protocol
from notifications.calendar_file import Entry
from notifications.message_words import MESSAGE_WORDS, called
from notifications.wording import capitalised
from rules.anchors import corresponding_day
from rules.forecast_state import Forecasted
from rules.instants import LONDON, end_of_day, local_day
from rules.sentences import written_month
from rules.texts import fingerprint, shown
from web.declaring import Asked
from web.places import protocol_if_one
from web.wording import case_words

USUAL_MONTHS, MOST_MONTHS = 12, 24


@dataclass(frozen=True, kw_only=True)
class Recipient:
    address: str
    party: str | None
    about: str  # of a breach: whose step or duty


@dataclass(frozen=True, kw_only=True)
class Sending:
    """Messages of one kind about one case at one moment."""

    at: datetime
    what: str
    kind: str
    case: str
    because: tuple[str, ...]
    to: tuple[Recipient, ...]


@dataclass(frozen=True, kw_only=True)
class Day:
    day: date
    sendings: tuple[Sending, ...]


@dataclass(frozen=True, kw_only=True)
class Month:
    name: str
    mark: str
    messages: int
    days: tuple[Day, ...]


def messages_of(asked: Asked) -> list[Forecasted]:
    """As the address asks for them, in the order of time. Raises NotThere."""
    query, protocol = asked.query, _protocol(asked)
    until = end_of_day(corresponding_day(local_day(asked.now, LONDON), months_of(asked)), LONDON)
    found = forecast_of(asked.session, asked.now, protocol, until)
    if party := query.get("party"):
        party_named(asked.session, protocol or asked.protocol, party)
        found = [each for each in found if each.party == party]
    if kind := query.get("kind"):
        if kind not in MESSAGE_WORDS:
            raise NotThere(f"There is no kind of message “{shown(kind)}”.")
        found = [each for each in found if each.kind == kind]
    return found


def _protocol(asked: Asked) -> Protocol | None:
    named = asked.query.get("protocol")
    return protocol_named(asked.session, named) if named else None


def months_of(asked: Asked) -> int:
    said = asked.query.get("months", "")
    known = said.isascii() and said.isdecimal() and len(said) < 4
    return min(max(int(said), 1), MOST_MONTHS) if known else USUAL_MONTHS


def sendings(messages: Sequence[Forecasted]) -> list[Sending]:
    """In the order of time."""

    def alike(each: Forecasted) -> tuple[datetime, str, str]:
        return each.at, each.kind, each.case

    return [_sending(list(group)) for _, group in groupby(sorted(messages, key=alike), key=alike)]


def _sending(messages: Sequence[Forecasted]) -> Sending:
    first = messages[0]
    return Sending(
        at=first.at, what=capitalised(called(first.kind, len(messages))), kind=first.kind, case=first.case,
        because=tuple(dict.fromkeys(each.because for each in messages)),
        to=tuple(Recipient(address=each.address, party=each.party, about=_about(each)) for each in messages),
    )  # fmt: skip


def _about(message: Forecasted) -> str:
    """“luton-borough-council: step contain”."""
    if not message.case.startswith("breach:"):
        return ""
    named = dict.fromkeys(_named(key.removeprefix(f"{message.case}:")) for key in message.obligations)
    return "; ".join(named)


def _named(key: str) -> str:
    """From “step:luton-borough-council:contain:1”."""
    kind, party, *rest = [*key.split(":"), ""]
    what = rest[0] if kind == "step" and rest else ""
    return f"{party}: {kind}{f' {what}' if what else ''}"


def months(found: Iterable[Sending]) -> list[Month]:
    by_month = groupby(found, key=lambda each: _day(each).replace(day=1))
    return [_month(first, list(of_month)) for first, of_month in by_month]


def _day(sending: Sending) -> date:
    return local_day(sending.at, LONDON)


def _month(first: date, of_month: Sequence[Sending]) -> Month:
    days = tuple(Day(day=day, sendings=tuple(of_day)) for day, of_day in groupby(of_month, key=_day))
    messages = sum(len(each.to) for each in of_month)
    return Month(name=written_month(first), mark=f"{first:%Y-%m}", messages=messages, days=days)


def entries(found: Iterable[Sending]) -> Iterable[tuple[str, Entry]]:
    """For a calendar. The same sending has the same uid whenever it is fetched."""
    for each in found:
        uid = f"forecast-{fingerprint(f'{each.kind} {each.case} {each.at.isoformat()}')}@concordat"
        to = "\n".join(f"{one.address}{f' ({one.about})' if one.about else ''}" for one in each.to)
        because = "\n".join(each.because)
        summary = f"{each.what}, {case_words(each.case)}"
        yield uid, Entry(when=each.at, summary=summary, description=f"If nobody answers.\n{because}\nTo:\n{to}")


def names_of(asked: Asked) -> dict[str, str]:
    """Parties by their slugs."""
    statement, of = select(Party.slug, Party.name).where(col(Party.left_on).is_(None)), protocol_if_one(asked)
    if of is not None:
        statement = statement.where(Party.protocol_id == of.id)
    return dict(asked.session.exec(statement.order_by(col(Party.name))).all())
