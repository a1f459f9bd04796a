"""A party's breaches: the page of each, its facts, and the notice to the regulator as it stands now."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlmodel import col, select

from actions.breaches.drafting import Draft, draft_notice
from actions.breaches.reporter_questions import questions_of
from actions.breaches.shown_party import FollowUpView
from actions.breaches.statutory import duty_of
from actions.cast import NotThere
from actions.clauses import clause_headings
from models.breach import FollowUp
from models.protocol import Party
from rules.breach_duties import DutyKind, Regime, duties_of
from rules.breach_facts import FactName
from rules.regulator_notice import missing_in_words
from web.declaring import PARTIES, Answer, Asked, Page
from web.parties.breach_counting import how_counted
from web.parties.breach_next import between_of, nearest_of_law, next_things
from web.parties.breach_own import Mine, own_breaches, own_follow_up, view_of, zone_here
from web.parties.breach_timeline import timeline
from web.parties.breach_words import fact_page, left_to_do, page_of_own


def _breach(asked: Asked) -> Mapping[str, Any]:
    mine = own_follow_up(asked)
    view, own = view_of(asked, mine)
    names = names_of(asked, view.breach.parties)
    things = tuple(next_things(between_of(view, mine.slug), own, mine.path))
    return {
        "title": f"Breach {mine.number}", "mine": mine, "view": view, "own": own, "names": names,
        "next": things[0] if things else None, "later": things[1:],
        "counted": how_counted(asked.session, mine.breach, mine.follow_up, own),
        "clauses": dict(clause_headings(asked.session, asked.protocol)),
        "seen": {each.number for each in own_breaches(asked)},
        "ends_at": nearest_of_law(own), "held": [each for each in view.holds if each.released_at is None],
        "own_hold": any(each.party == mine.slug and each.released_at is None for each in view.holds),
        "may_hold": own.regime == Regime.LAW_ENFORCEMENT and own.capacity == "controller",
        "page_of": page_of_own(mine.path),
        "to_do": left_to_do(own.to_do, {step.step: step.do for step in own.steps}),
        "to_reporter": questions_of(asked.session, mine.breach, mine.slug),
        "timeline": timeline(asked.session, mine.breach, view, names, zone_here(asked)),
    }  # fmt: skip


def names_of(asked: Asked, slugs: Iterable[str]) -> dict[str, str]:
    contact = asked.caller.contact
    assert contact is not None
    rows = select(Party.slug, Party.name).where(
        Party.protocol_id == contact.protocol_id, col(Party.slug).in_(list(slugs))
    )
    return dict(asked.session.exec(rows).all())


def _facts(asked: Asked) -> Mapping[str, Any]:
    mine = own_follow_up(asked)
    view, own = view_of(asked, mine)
    return {
        "mine": mine, "view": view, "names": names_of(asked, view.breach.parties),
        "clauses": dict(clause_headings(asked.session, asked.protocol)),
        "ended": own.ended_at is not None or view.breach.stage == "closed",
        "more": _not_shown({line.name for line in view.facts}, mine.path),
    }  # fmt: skip


def _not_shown(shown: set[str], path: str) -> list[tuple[str, str]]:
    """Facts that nobody has stated and few procedures ask for, with their pages."""
    return [(name.value, fact_page(path, name.value)[0]) for name in FactName if name.value not in shown]


def _notice(asked: Asked) -> Mapping[str, Any]:
    mine = own_follow_up(asked)
    _, own = view_of(asked, mine)
    kind = notice_kind(mine.follow_up)
    duty, draft = _duty(own, kind), drafted_for(asked, mine)
    return {
        "title": "The notice to the controller" if kind is DutyKind.CONTROLLER else "The notice to the Commissioner",
        "mine": mine, "own": own, "draft": draft, "duty": duty, "kind": kind.value,
        "counted": how_counted(asked.session, mine.breach, mine.follow_up, own).get("notice"),
        "missing": [(words, _page_of_missing(mine.path, name))
                    for name, words in zip(draft.missing, missing_in_words(draft.missing), strict=True)],
        "withheld": [(each, fact_page(mine.path, each.field)[0]) for each in draft.suspicious],
    }  # fmt: skip


def notice_kind(follow_up: FollowUp) -> DutyKind:
    owed = duties_of(follow_up.capacity)
    return DutyKind.CONTROLLER if DutyKind.CONTROLLER in owed else DutyKind.REGULATOR


def _duty(own: FollowUpView, kind: DutyKind) -> Any:
    return next((duty for duty in own.duties if duty.kind is kind), None)


def drafted_for(asked: Asked, mine: Mine) -> Draft:
    if duty_of(asked.session, mine.follow_up, notice_kind(mine.follow_up)) is None:
        raise NotThere("Nobody has to be told by your party in this breach.")
    return draft_notice(asked.session, asked.now, mine.breach, mine.follow_up)


def _page_of_missing(path: str, name: str) -> str:
    match name:
        case "aware":
            return f"{path}/aware"
        case "people told":
            return f"{path}/people"
        case "reasons for the delay":
            return f"{path}/notice/given"
        case "contact point":
            return ""
        case _:
            return fact_page(path, name)[0]


def _notice_text(asked: Asked) -> Answer:
    mine = own_follow_up(asked)
    text = drafted_for(asked, mine).text.encode()
    return Answer(content=text, media_type="text/plain; charset=utf-8", filename=f"notice-breach-{mine.number}.txt")


PAGES = (
    Page(path="/party/breaches/{breach:int}", title="A breach", who=PARTIES, read=_breach,
         template="parties/breach.html", in_menu="/party"),
    Page(path="/party/breaches/{breach:int}/facts", title="What is known of the breach", who=PARTIES, read=_facts,
         template="parties/breach_facts.html", in_menu="/party"),
    Page(path="/party/breaches/{breach:int}/notice", title="The notice", who=PARTIES, read=_notice,
         template="parties/breach_notice.html", in_menu="/party"),
    Page(path="/party/breaches/{breach:int}/notice.txt", title="The notice as a text", who=PARTIES,
         read=_notice_text, in_menu="/party"),
)  # fmt: skip
