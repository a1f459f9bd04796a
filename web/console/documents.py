"""What is loaded: the protocols with their versions and clauses, and the procedures beside them."""

from typing import Any

from sqlmodel import col, func, select

from actions.breaches.kept_procedures import kept_procedures
from actions.overview import loaded_protocols, protocol_lines
from models.protocol import Clause, Legislation, Protocol, Version
from models.protocol_file.reading import FILES
from web.declaring import READS, Asked, Page

MENU = "/console/documents"


def _count(asked: Asked, table: Any, protocol: Protocol) -> int:
    counted = select(func.count()).select_from(table).where(table.protocol_id == protocol.id)
    return asked.session.exec(counted).one()


def _read(asked: Asked) -> dict[str, Any]:
    lines = {line.slug: line for line in protocol_lines(asked.session, asked.now)}
    loaded = [
        {
            "line": lines[each.slug], "loaded_at": each.loaded_at, "clauses": _count(asked, Clause, each),
            "legislation": _count(asked, Legislation, each), "versions": _labels(asked, each),
            "procedures": len(kept_procedures(asked.session, asked.now, each)),
        }
        for each in loaded_protocols(asked.session)
    ]  # fmt: skip
    return {"loaded": loaded, "files": list(FILES)}


def _labels(asked: Asked, protocol: Protocol) -> list[dict[str, Any]]:
    rows = asked.session.exec(
        select(Version)
        .where(Version.protocol_id == protocol.id)
        .order_by(col(Version.major).desc(), col(Version.minor).desc())
    )
    return [{"label": row.label, "dated": row.dated_words, "sha256": row.sha256, "note": row.note} for row in rows]


PAGES = (
    Page(path=MENU, title="Documents", who=READS, read=_read, template="console/documents.html", in_menu=MENU),
)  # fmt: skip
