"""The text in force on one page, with a list of what is in it: to be read, printed, and linked to by clause."""

from collections.abc import Mapping
from typing import Any

from actions.clauses import current_version
from actions.versions import base_version
from web.declaring import ANYBODY, Asked, Page
from web.public.protocol_meant import about_protocol
from web.public.protocol_text import clauses_shown


@about_protocol
def _read(asked: Asked) -> Mapping[str, Any]:
    """A text that is held stands in where the one in force is not."""
    session, protocol = asked.session, asked.protocol
    current = current_version(session, protocol)
    held = current if current is not None and current.sha256 else base_version(session, protocol)
    return {
        "current": current.label if current else None, "version": held.label if held else None,
        "dated": held.dated_words if held else "", "sha256": held.sha256 if held else None,
        "note": "", "in_own_words": held is not None and held.review_id is None,
        "clauses": clauses_shown(session, protocol, held) if held else [],
    }  # fmt: skip


PAGES = (
    Page(path="/protocols/{slug}/clauses", title="The text of the protocol", who=ANYBODY, read=_read,
         template="public/protocol.html", in_menu="/"),
)  # fmt: skip
