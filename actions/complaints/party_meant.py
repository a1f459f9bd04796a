"""Which party somebody means who writes its name: by its short name, its full one, or another it is known by."""

from collections.abc import Sequence
from difflib import get_close_matches

from sqlmodel import Session, select

from actions.cast import NotThere
from models.protocol import Party, Protocol
from rules.texts import folded_name, plain, shown

CLOSE = 0.6  # of 1: how alike a name has to be for “did you mean”


def slug_meant(session: Session, protocol: Protocol, text: str) -> str:
    """The party's short name. Raises NotThere, with the nearest party; NotText."""
    parties = session.exec(select(Party).where(Party.protocol_id == protocol.id).order_by(Party.slug)).all()
    name = plain(text)
    named = {party.slug for party in parties if folded_name(name) in map(folded_name, _names(party))}
    if name in named or len(named) == 1:
        return name if name in named else named.pop()
    near = _nearest(parties, name)
    hint = f" (did you mean {near}?)" if near else ""
    raise NotThere(f"There is no party “{shown(name)}” in {protocol.slug}{hint}: see `concordat parties`.")


def _names(party: Party) -> tuple[str, ...]:
    return (party.slug, party.name, *party.aliases)


def _nearest(parties: Sequence[Party], name: str) -> str | None:
    of = {folded_name(each): party.slug for party in parties for each in _names(party)}
    return next((of[each] for each in get_close_matches(folded_name(name), of, n=1, cutoff=CLOSE)), None)
