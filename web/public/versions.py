"""The revisions from the first draft on, the text of each that is held, and the difference between any two."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from sqlmodel import Session, col, select

from actions.clauses import current_version
from actions.version_reasons import ReasonForChange, reasons_between
from actions.version_standing import standing_of
from actions.versions import text_of, version_named
from models.protocol import Version
from web.declaring import ANYBODY, Asked, Page
from web.differences import marked
from web.public.protocol_meant import about_protocol
from web.public.protocol_text import clauses_shown, hashes_of, versions_held

MENU = "/versions"


@dataclass(frozen=True, kw_only=True)
class VersionLine:
    label: str
    dated: str
    standing: str
    note: str
    sha256: str | None
    held: bool


@dataclass(frozen=True, kw_only=True)
class ClauseDifference:
    """`kind`: new, removed, or changed. The words are marked, and escaped; the reasons are those of the decisions that
    were published with the change."""

    key: str
    kind: str
    heading: str
    old_heading: str | None  # where it differs
    words: Markup
    reasons: Sequence[ReasonForChange]


def lines_of(asked: Asked) -> list[VersionLine]:
    """The newest first."""
    protocol, current = asked.protocol, current_version(asked.session, asked.protocol)
    held = {version.id for version in versions_held(asked.session, protocol)}
    rows = asked.session.exec(
        select(Version)
        .where(Version.protocol_id == protocol.id)
        .order_by(col(Version.major).desc(), col(Version.minor).desc())
    )
    return [
        VersionLine(
            label=row.label, dated=row.dated_words, standing=standing_of(asked.session, row, current), note=row.note,
            sha256=row.sha256, held=row.id in held,
        )
        for row in rows
    ]  # fmt: skip


@about_protocol
def _list(asked: Asked) -> Mapping[str, Any]:
    lines = lines_of(asked)
    texts = [line.label for line in lines if line.held]
    first = texts[1] if len(texts) > 1 else lines[1].label if len(lines) > 1 else None
    return {"lines": lines, "from_label": first, "to_label": texts[0] if texts else None}


@about_protocol
def _one(asked: Asked) -> Mapping[str, Any]:
    session, protocol = asked.session, asked.protocol
    version, current = version_named(session, protocol, asked.place["label"]), current_version(session, protocol)
    return {
        "title": f"Version {version.label}", "version": version.label, "dated": version.dated_words,
        "note": version.note, "sha256": version.sha256, "standing": standing_of(session, version, current),
        "current": current.label if current else None,
        "in_own_words": version.review_id is None, "clauses": clauses_shown(session, protocol, version),
    }  # fmt: skip


@about_protocol
def _difference(asked: Asked) -> Mapping[str, Any]:
    """Of what the address names; of the two newest texts where it names nothing."""
    lines = lines_of(asked)
    texts = [line.label for line in lines if line.held]
    chosen = asked.query.get("from") or (texts[1] if len(texts) > 1 else "")
    other = asked.query.get("to") or (texts[0] if len(texts) > 1 else "")
    found = [version_named(asked.session, asked.protocol, label) for label in (chosen, other) if label]
    without = [each.label for each in found if each.label not in texts]
    is_shown = len(found) == 2 and chosen != other and not without
    return {
        "lines": lines, "from_label": chosen, "to_label": other, "without_text": list(dict.fromkeys(without)),
        "texts": texts, "is_shown": is_shown,
        "changes": differences(asked.session, *found) if is_shown else [], "hashes": hashes_of(*found),
    }  # fmt: skip


def differences(session: Session, one: Version, other: Version) -> list[ClauseDifference]:
    """Clause by clause in the order of the earlier text, headings as well; what is new comes last."""
    before, after, reasons = text_of(session, one), text_of(session, other), reasons_between(session, one, other)
    keys = [*before, *(key for key in after if key not in before)]
    return [
        _of_clause(key, before.get(key), after.get(key), reasons.get(key, ()))
        for key in keys
        if before.get(key) != after.get(key)
    ]


def _of_clause(
    key: str, old: tuple[str, str] | None, new: tuple[str, str] | None, reasons: Sequence[ReasonForChange]
) -> ClauseDifference:
    kind = "new" if old is None else "removed" if new is None else "changed"
    heading, text = new or old or ("", "")
    renamed = old[0] if old is not None and old[0] != heading else None
    words = marked(old[1] if old else "", text if new else "")
    return ClauseDifference(key=key, kind=kind, heading=heading, old_heading=renamed, words=words, reasons=reasons)


PAGES = (
    Page(path="/versions", title="Versions of the protocol", who=ANYBODY, read=_list,
         template="public/versions.html", in_menu=MENU),
    Page(path="/versions/difference", title="What changed between two versions", who=ANYBODY, read=_difference,
         template="public/version_difference.html", in_menu=MENU),
    Page(path="/versions/{label}", title="A version", who=ANYBODY, read=_one, template="public/version.html",
         in_menu=MENU),
)  # fmt: skip
