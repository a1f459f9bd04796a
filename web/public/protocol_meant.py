"""Which protocol a public page is about, which others there are, and a page for the time before any is loaded."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from actions.cast import NoContact, known_id, secretary_of
from actions.overview import loaded_protocols
from models.protocol import Protocol
from web.declaring import Asked


@dataclass(frozen=True, kw_only=True)
class ProtocolShown:
    """`secretary`: where the secretary is written to; None where no address is known."""

    slug: str
    name: str
    short_name: str
    secretary: str | None


def about_protocol(read: Callable[[Asked], Mapping[str, Any]]) -> Callable[[Asked], Mapping[str, Any]]:
    """`of` is what links to other public pages carry on, where there are several protocols to tell apart."""

    def shown(asked: Asked) -> Mapping[str, Any]:
        loaded = loaded_protocols(asked.session)
        if not loaded:
            return {"protocol": None, "others": [], "of": ""}
        protocol = asked.protocol
        others = [shown_of(asked, each) for each in loaded if each.slug != protocol.slug]
        of = f"?{urlencode({'protocol': protocol.slug})}" if others else ""
        return {"protocol": shown_of(asked, protocol), "others": others, "of": of} | dict(read(asked))

    return shown


def shown_of(asked: Asked, protocol: Protocol) -> ProtocolShown:
    return ProtocolShown(
        slug=protocol.slug, name=protocol.name, short_name=protocol.short_name, secretary=secretary(asked, protocol)
    )


def secretary(asked: Asked, protocol: Protocol) -> str | None:
    try:
        return secretary_of(asked.session, known_id(protocol)).address
    except NoContact:
        return None
