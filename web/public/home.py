"""The first page: what the protocol is, who takes part, for how many it is in force, when it is looked at again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from actions.clauses import current_version
from actions.moving import review_in
from actions.overview import ReviewLine, loaded_protocols, running_review
from actions.policy import zone_of
from actions.register import bound_and_parties
from actions.signatures import version_of
from actions.stock import ReviewDue, review_due_at
from models.protocol import Protocol
from models.review import Review
from rules.instants import local_day
from rules.review import Stage
from web.declaring import ANYBODY, Asked, Page
from web.public.protocol_meant import about_protocol, shown_of
from web.public.protocol_text import hashes_of
from web.wording import plain_day

HELD = (Stage.ADOPTED, Stage.NO_CHANGE)


@dataclass(frozen=True, kw_only=True)
class Home:
    """`signed` of `parties` are bound by the version in force; `waiting` is one that the parties are signing now."""

    version: str | None
    dated: str | None
    hashes: Mapping[str, str]  # of the version in force and the one being signed, by label
    signed: int
    parties: int
    waiting: str | None
    last_review: str | None
    review: ReviewLine | None
    review_due: ReviewDue | None


def home_of(asked: Asked) -> Home:
    session, protocol = asked.session, asked.protocol
    version, review = current_version(session, protocol), running_review(session, asked.now, protocol)
    signed, parties = bound_and_parties(session, asked.now, protocol, version)
    today = local_day(asked.now, zone_of(protocol))
    signing = review_in(session, protocol, Stage.SIGNING)
    made = version_of(session, signing) if signing else None
    return Home(
        version=version.label if version else None, dated=version.dated_words if version else None,
        hashes=hashes_of(version, made), signed=signed, parties=parties,
        waiting=made.label if made and (version is None or made.id != version.id) else None,
        last_review=_last_review(asked, protocol), review=review,
        review_due=None if review else review_due_at(protocol, today),
    )  # fmt: skip


def _last_review(asked: Asked, protocol: Protocol) -> str | None:
    """The newest that was held here; before the first, in the words of the document."""
    statement = select(Review).where(Review.protocol_id == protocol.id, col(Review.stage).in_(HELD))
    ended = [each.ended_at for each in asked.session.exec(statement) if each.ended_at is not None]
    return plain_day(local_day(max(ended), zone_of(protocol))) if ended else protocol.last_reviewed_words


@about_protocol
def _read(asked: Asked) -> Mapping[str, Any]:
    return {"view": home_of(asked)}


def _first(asked: Asked) -> Mapping[str, Any]:
    """With several protocols, and none named, which one is for the reader to say."""
    loaded = loaded_protocols(asked.session)
    choosing = len(loaded) > 1 and "protocol" not in asked.query
    return _list(asked) if choosing else {"choosing": []} | dict(_read(asked))


def _list(asked: Asked) -> Mapping[str, Any]:
    loaded = [shown_of(asked, each) for each in loaded_protocols(asked.session)]
    return {"choosing": loaded, "protocol": None, "others": [], "of": ""}


PAGES = (
    Page(path="/", title="The protocol", who=ANYBODY, read=_first, template="public/home.html", in_menu="/"),
    Page(path="/protocols", title="The protocols", who=ANYBODY, read=_list, template="public/home.html", in_menu="/"),
    Page(path="/protocols/{slug}", title="The protocol", who=ANYBODY,
         read=lambda asked: {"choosing": []} | dict(_read(asked)), template="public/home.html", in_menu="/"),
)  # fmt: skip
