"""Which protocol a page is about."""

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from actions.cast import NotThere, protocol_named
from actions.overview import loaded_protocols
from models.breach import Breach
from models.protocol import Protocol

if TYPE_CHECKING:
    from web.declaring import Asked

FIRST = "the first protocol"
OF_THE_REPORTER = "/report/case"


def protocol_of(asked: "Asked") -> Protocol:
    """A contact's own, a reporter's at their report; of everybody else the one that the address names, or the first of
    those loaded. Raises NotThere."""
    own = _own_of(asked)
    if own is not None:
        return asked.session.get_one(Protocol, own)
    named = asked.place.get("slug") or asked.query.get("protocol")
    if named:
        return protocol_named(asked.session, str(named))
    kept = asked.session.info.get(FIRST)  # a session is one request's: its pages ask this for every question
    if kept is None:
        loaded = loaded_protocols(asked.session)
        if not loaded:
            raise NotThere("No protocol is loaded yet.")
        kept = asked.session.info[FIRST] = loaded[0]
    first: Protocol = kept
    return first


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
