"""Which protocol a page is about."""

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from actions.cast import NotThere, protocol_named
from actions.overview import loaded_protocols
from models.protocol import Protocol

if TYPE_CHECKING:
    from web.declaring import Asked

FIRST = "the first protocol"


def protocol_of(asked: "Asked") -> Protocol:
    """The one that the address names, the caller's own, or the first of those loaded. Raises NotThere."""
    named = asked.place.get("slug") or asked.query.get("protocol")
    if named:
        return protocol_named(asked.session, str(named))
    if asked.caller.contact is not None:
        return asked.session.get_one(Protocol, asked.caller.contact.protocol_id)
    kept = asked.session.info.get(FIRST)  # a session is one request's: its pages ask this for every question
    if kept is None:
        loaded = loaded_protocols(asked.session)
        if not loaded:
            raise NotThere("No protocol is loaded yet.")
        kept = asked.session.info[FIRST] = loaded[0]
    first: Protocol = kept
    return first


def as_query(asked: "Asked") -> str:
    """What a link or a form of the same protocol carries on, where several are kept and the address names one."""
    named = asked.query.get("protocol")
    return f"?{urlencode({'protocol': named})}" if named else ""
