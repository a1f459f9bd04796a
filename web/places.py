"""Which protocol a page is about."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from actions.cast import NotThere, protocol_named
from actions.overview import loaded_protocols
from models.breach import Breach
from models.protocol import Protocol
from rules.errors import Refused

if TYPE_CHECKING:
    from web.declaring import Asked

LOADED = "the protocols that are loaded"
OF_THE_REPORTER = "/report/case"


class WhichProtocol(Refused):
    """Whoever works for several says which one is meant: two may have a party, a version, a clause of the same name."""

    def __init__(self, loaded: Sequence[Protocol]) -> None:
        names = ", ".join(each.slug for each in loaded)
        super().__init__(f"Say which protocol it is (`?protocol=` in the address): {names}.")
        self.choosing = [(each.slug, each.name) for each in loaded]


def protocol_of(asked: "Asked") -> Protocol:
    """A contact's own, a reporter's at their report; of everybody else the one that the address names. Where it names
    none: the only one there is, on public pages the first. Raises NotThere, WhichProtocol."""
    own = _own_of(asked)
    if own is not None:
        return asked.session.get_one(Protocol, own)
    named = asked.place.get("slug") or asked.query.get("protocol")
    if named:
        return protocol_named(asked.session, str(named))
    loaded = _loaded(asked)
    if not loaded:
        raise NotThere("No protocol is loaded yet.")
    if len(loaded) > 1 and asked.caller.user is not None:
        raise WhichProtocol(loaded)
    return loaded[0]


def protocol_if_one(asked: "Asked") -> Protocol | None:
    """For lists of all that is kept: the one that the address names, or the only one; None for all of several."""
    return asked.protocol if asked.query.get("protocol") or len(_loaded(asked)) == 1 else None


def _loaded(asked: "Asked") -> Sequence[Protocol]:
    """A session is one request's: its pages ask this for every question."""
    known = asked.session.info
    if not known.get(LOADED):
        known[LOADED] = loaded_protocols(asked.session)
    loaded: Sequence[Protocol] = known[LOADED]
    return loaded


def _own_of(asked: "Asked") -> int | None:
    """Whoever has one is let in for that one, whatever the address says: two may have a party of the same short name.
    A new report is nobody's, even from a browser in which an earlier one is looked at."""
    if asked.caller.contact is not None:
        return asked.caller.contact.protocol_id
    if asked.caller.report is not None and asked.declared.startswith(OF_THE_REPORTER):
        return asked.session.get_one(Breach, asked.caller.report.breach_id).protocol_id
    return None


def to_choose_from(asked: "Asked") -> list[tuple[str, str]]:
    """Where several protocols are kept and the address names none, which one it is about is for the reader to say:
    slug and name of each."""
    loaded = loaded_protocols(asked.session)
    return [(each.slug, each.name) for each in loaded] if len(loaded) > 1 and not asked.query.get("protocol") else []


def as_query(asked: "Asked") -> str:
    """What a link or a form of the same protocol carries on, where several are kept and the address names one."""
    named = asked.query.get("protocol")
    return f"?{urlencode({'protocol': named})}" if named else ""


def carried_on(to: str, named: str | None) -> str:
    """The address of a console's page for the same protocol as the form that led there."""
    if not named or not to.startswith("/console") or "?" in to:
        return to
    path, mark, place = to.partition("#")
    return f"{path}?{urlencode({'protocol': named})}{mark}{place}"
