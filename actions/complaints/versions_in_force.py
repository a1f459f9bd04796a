"""Which version was in force when something happened, and where its text, or the nearest one, is held.

A version counts from `in_force_from`; of versions of before Concordat that is the first day of the period that the
document gives, and their text is not held. Where the protocol says that a version counts once it is signed, it counts
for a party from its own signature on; until then the one before it does.
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple

from sqlmodel import Session, col, or_, select

from actions.policy import in_force_while_signing
from actions.signatures import opened_to_signing
from models.protocol import Party, Protocol, Signature, SignatureKind, Version, VersionClause
from rules.errors import Refused
from rules.sentences import written_day


class BeforeTheFirstVersion(Refused):
    def __init__(self, protocol: Protocol, first: Version, day: date) -> None:
        super().__init__(
            f"{written_day(day)} is before the first version of the {protocol.short_name}: that is {first.label}, in "
            f"force from {written_day(_from(first))}. Correct the day, or leave it out where nobody knows it."
        )


class InForce(NamedTuple):
    """`version` counted then; None: the protocol has none in force. `text_of`: the version whose text is read instead,
    where its own is not held; None: no text is held. `exact`: it is certain, and the text is its own."""

    version: Version | None
    text_of: Version | None
    exact: bool
    sentence: str


class Held(NamedTuple):
    """Every version that has ever been in force, by number, and of which a text is held."""

    standing: Sequence[Version]
    with_text: Collection[int]


def versions_held(session: Session, protocol: Protocol) -> Held:
    return Held(_standing(session, protocol), set(session.exec(select(VersionClause.version_id).distinct())))


def version_on(
    session: Session, protocol: Protocol, day: date | None, about: Party | None = None, held: Held | None = None
) -> InForce:
    """`day` None: nobody knows when; then the version in force now. `about`: for whom it has to be in force. `held`:
    for whoever asks often, as it was read before.

    Raises BeforeTheFirstVersion.
    """
    standing, with_text = held or versions_held(session, protocol)
    if not standing:
        return InForce(None, None, exact=False, sentence="No version of it is in force.")
    begun = [version for version in standing if day is None or _from(version) <= day]
    if not begun:
        raise BeforeTheFirstVersion(protocol, min(standing, key=_from), day or date.max)
    newest = begun[-1]
    bound = newest if about is None else _counting_for(session, protocol, about, begun, day)
    version = bound or newest
    nearest = _nearest_held(standing, with_text, version)
    said = [_how_certain(version, day), *_whose_text(version, nearest)]
    if about is not None and bound is not newest:
        said.insert(0, _for_the_party(about, newest, bound))
    exact = nearest is version is bound and day is not None and not _is_vague(version, day)
    return InForce(version, nearest, exact, " ".join(said))


def in_force_between(session: Session, protocol: Protocol, first: date, last: date, about: Party) -> list[Version]:
    """Every version that may have counted on one of these days: in force, or for that party alone; of those of
    one period, of which nobody knows the days, each."""
    standing = _standing(session, protocol)
    begun = [version for version in standing if _from(version) <= first]
    certain = next((_from(each) for each in reversed(begun) if not _is_vague(each, first)), date.min)
    meanwhile = [version for version in standing if first < _from(version) <= last]
    until = [version for version in standing if _from(version) <= last]
    bound = (
        _counting_for(session, protocol, about, each, day) for each, day in ((begun, first), (until, last)) if each
    )
    then = [version for version in begun if _from(version) >= certain]
    return [*then, *meanwhile, *(version for version in bound if version is not None)]


def _standing(session: Session, protocol: Protocol) -> Sequence[Version]:
    """Every version that has ever been in force, by number: no drafts, nothing that still waits for signatures."""
    return session.exec(
        select(Version)
        .where(Version.protocol_id == protocol.id, col(Version.in_force_from).is_not(None))
        .order_by(col(Version.major), col(Version.minor))
    ).all()


def _from(version: Version) -> date:
    return version.in_force_from or version.dated_from


def _counting_for(
    session: Session, protocol: Protocol, party: Party, begun: Sequence[Version], day: date | None
) -> Version | None:
    """The newest that counts for the party; None where it had signed none of them and one has to be signed to count.
    A signature binds for the minor versions that were only announced after it too."""
    if in_force_while_signing(protocol):
        return begun[-1]
    statement = (
        select(Version)
        .join(Signature, col(Signature.version_id) == Version.id)
        .where(Version.protocol_id == protocol.id)
        .where(Signature.party_id == party.id, Signature.kind == SignatureKind.SIGNED)
    )
    if day is not None:  # of some signatures of before Concordat only the month is known
        statement = statement.where(or_(col(Signature.signed_on).is_(None), col(Signature.signed_on) <= day))
    signed = {(version.major, version.minor) for version in session.exec(statement)}
    opened = opened_to_signing(session, protocol)
    return next((each for each in reversed(begun) if _is_bound(each, signed, opened)), None)


def _is_bound(version: Version, signed: Collection[tuple[int, int]], opened: Collection[tuple[int, int]]) -> bool:
    last = (version.major, version.minor)
    first = max((each for each in opened if (version.major, 0) <= each <= last), default=(version.major, 0))
    return any(first <= each <= last for each in signed)


def _nearest_held(standing: Sequence[Version], held: Collection[int], version: Version) -> Version | None:
    """Its own text, else the next later one, else the last one before it."""
    place = standing.index(version)
    order = [*standing[place:], *reversed(standing[:place])]
    return next((each for each in order if each.id in held), None)


def _for_the_party(party: Party, newest: Version, version: Version | None) -> str:
    if version is None:
        return f"{party.name} had signed no version by then: {newest.label} is taken, which counted for those that had."
    return f"{party.name} had not signed version {newest.label} by then: {version.label} counted for it."


def _how_certain(version: Version, day: date | None) -> str:
    if day is None:
        return f"Nobody has said when it happened: version {version.label} is taken, as today."
    if _is_vague(version, day):
        return (
            f"Version {version.label} is dated {version.dated_words}: it may not have been in force yet on "
            f"{written_day(day)}."
        )
    return f"Version {version.label} was in force on {written_day(day)}."


def _is_vague(version: Version, day: date) -> bool:
    """The document gives a period, and the day lies in it."""
    return version.in_force_from == version.dated_from and version.dated_from <= day < version.dated_to


def _whose_text(version: Version, held: Version | None) -> list[str]:
    if held is version:
        return []
    instead = f"suggested from version {held.label}" if held else "suggested without any"
    return [f"Its text is not held here: {instead}."]
