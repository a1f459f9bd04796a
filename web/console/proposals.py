"""Proposals on a review's table: raised for the group, sorted, advised on. Deciding is in `proposals_deciding`."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from actions.gaps.answering import name_answers
from actions.proposals import Proposed
from actions.review_drafting import classify, give_advice, merge, propose, withdraw
from actions.review_overview import review_named
from actions.review_table import ProposalLine, proposal_line, proposal_lines, proposal_named
from models.protocol import Protocol
from models.review import WORDING, Magnitude, Review
from web.console.proposals_heard import heard_on
from web.console.reviews_answers import clause_choices, current_wording
from web.declaring import DECIDES, READS, WORKS, Act, Asked, Done, Page
from web.fields import choice, line, pick, words
from web.forms import Given

MENU = "/console/reviews"


class GroupsProposal(BaseModel):
    clause: str = pick("Which clause?", missing="Choose the clause")
    wording: str = words("How should it read?", missing="Write how the clause should read", longest=WORDING, rows=8)
    problem: str | None = words("What is wrong with it today?", optional=True, rows=3)
    answers: str | None = line(
        "What does it answer?", optional=True, hint="Gaps, feedback, complaints and breaches, such as gap:3 breach:7."
    )


class Answers(BaseModel):
    refs: str = line(
        "What does it answer?", missing="Name what the proposal answers",
        hint="Gaps, feedback, complaints and breaches, such as gap:3 feedback:9 complaint:12 breach:7.",
    )  # fmt: skip


class Into(BaseModel):
    into: str = choice("Which proposal stands for both?", missing="Choose the proposal that stands for both")
    because: str | None = words("Why?", optional=True, rows=2, longest=500)


class Sorting(BaseModel):
    magnitude: str = choice(
        "Is it minor or major?",
        (("minor", "Minor", "Announced once it is decided, unless the protocol says otherwise"),
         ("major", "Major", "Needs advice, or a reason why there is none, and every party’s signature")),
        missing="Choose minor or major",
    )  # fmt: skip
    because: str = words("Why?", missing="Say why it is minor or major", rows=3, longest=500)


class Because(BaseModel):
    because: str = words("Why?", missing="Say why", rows=3, longest=500, hint="History keeps it.")


class Advised(BaseModel):
    text: str = words("What is the advice?", missing="Write the advice as it was given", rows=8)


def proposal_of(asked: Asked) -> tuple[ProposalLine, Review]:
    """Raises NotThere."""
    proposal = proposal_named(asked.session, asked.place["proposal"])
    return proposal_line(asked.session, proposal), review_named(asked.session, proposal.review_id)


def about(asked: Asked, _given: object = None) -> dict[str, Any]:
    line, review = proposal_of(asked)
    return {"line": line, "review": review, "heard": heard_on(asked.session, line)}


def done_on(asked: Asked, sentence: str, **facts: Any) -> Done:
    number = proposal_named(asked.session, asked.place["proposal"]).review_id
    to = f"/console/reviews/{number}#proposal-{asked.place['proposal']}"
    return Done(sentence=sentence, to=to, facts={"proposal": asked.place["proposal"], "review": number, **facts})


def _show(asked: Asked) -> dict[str, Any]:
    line, review = proposal_of(asked)
    return {
        "title": f"Proposal {line.number}", "line": line, "heard": heard_on(asked.session, line),
        "review": review.id, "stage": review.stage.value,
    }  # fmt: skip


def _refs(text: str | None) -> list[str]:
    return [each for each in re.split(r"[\s,;]+", text or "") if each]


def _propose_about(asked: Asked, given: Given | None) -> dict[str, Any]:
    review = review_named(asked.session, asked.place["review"])
    protocol = asked.session.get_one(Protocol, review.protocol_id)
    wording = given.values.get("wording") if given else None
    return {"review": review, "current": current_wording(asked, protocol, given), "wording": wording}


def _propose(asked: Asked, given: GroupsProposal) -> Done:
    number, refs = asked.place["review"], _refs(given.answers)
    proposed = Proposed(clause=given.clause, wording=given.wording, problem=given.problem or "")
    raised = propose(asked.session, asked.now, number, proposed, asked.caller.by, refs)
    sentence = f"Proposal {raised.id} is on the table." if raised else "The very same proposal is on the table already."
    return Done(
        sentence=sentence, to=f"/console/reviews/{number}#proposals",
        facts={"review": number, "proposal": raised.id if raised else None},
    )  # fmt: skip


def _answers(asked: Asked, given: Answers) -> Done:
    number = asked.place["proposal"]
    named = name_answers(asked.session, asked.now, number, _refs(given.refs), asked.caller.by)
    return done_on(asked, f"Proposal {number} answers {', '.join(named)}.", answers=named)


def _others(asked: Asked) -> Mapping[str, Sequence[tuple[str, str]]]:
    """Those to the same clause that still stand."""
    line, review = proposal_of(asked)
    found = [each for each in proposal_lines(asked.session, review) if each.stands and each.clause == line.clause]
    return {"into": [(str(each.number), f"Proposal {each.number}, by {', '.join(each.origins)}: {each.wording[:200]}")
                     for each in found if each.number != line.number]}  # fmt: skip


def _merge(asked: Asked, given: Into) -> Done:
    number, into = asked.place["proposal"], int(given.into)
    merge(asked.session, asked.now, number, into, asked.caller.by, given.because or "")
    return done_on(asked, f"Proposal {number} is merged into {into}.", into=into)


def _classify(asked: Asked, given: Sorting) -> Done:
    number, magnitude = asked.place["proposal"], Magnitude(given.magnitude)
    classify(asked.session, asked.now, number, magnitude, asked.caller.by, given.because)
    return done_on(asked, f"Proposal {number} is {magnitude}.", magnitude=magnitude.value)


def _withdraw(asked: Asked, given: Because) -> Done:
    withdraw(asked.session, asked.now, asked.place["proposal"], asked.caller.by, given.because)
    return done_on(asked, f"Proposal {asked.place['proposal']} is withdrawn.")


def _advise(asked: Asked, given: Advised) -> Done:
    give_advice(asked.session, asked.now, asked.place["proposal"], given.text, asked.caller.by)
    return done_on(asked, f"The advice on proposal {asked.place['proposal']} is recorded.", waived=False)


def _waive(asked: Asked, given: Because) -> Done:
    give_advice(asked.session, asked.now, asked.place["proposal"], given.because, asked.caller.by, waived=True)
    number = asked.place["proposal"]
    return done_on(asked, f"Proposal {number} goes on without advice; the reason is recorded.", waived=True)


def on_proposal(path: str, title: str, **more: Any) -> Act:
    return Act(
        path=f"/console/proposals/{{proposal:int}}/{path}", title=title, in_menu=MENU,
        title_of=lambda asked: f"{title}: proposal {asked.place['proposal']}",
        **{"before": about, "template": "console/proposal_act.html", **more},
    )  # fmt: skip


PAGES = (
    Page(path="/console/proposals/{proposal:int}", title="Proposal", who=READS, read=_show, in_menu=MENU,
         template="console/proposal.html"),
)  # fmt: skip
ACTS = (
    Act(path="/console/reviews/{review:int}/propose", title="Propose for the steering group", who=WORKS,
        fields=GroupsProposal, do=_propose, button="Put it on the table", preview="Preview the difference",
        choices=clause_choices, before=_propose_about, template="console/proposal_add.html", command="proposal add",
        in_menu=MENU),
    on_proposal("answers", "Name what it answers", who=WORKS, fields=Answers, do=_answers, button="Name it",
                command="proposal answers"),
    on_proposal("merge", "Merge with one that says the same", who=WORKS, fields=Into, do=_merge, button="Merge",
                choices=_others, command="proposal merge", words="The origins of both stay linked."),
    on_proposal("classify", "Minor or major", who=WORKS, fields=Sorting, do=_classify, button="Record it",
                command="proposal classify"),
    on_proposal("withdraw", "Take it off the table", who=DECIDES, fields=Because, do=_withdraw, grave=True,
                button="Take it off the table", command="proposal withdraw"),
    on_proposal("advise", "Record the advice", who=WORKS, fields=Advised, do=_advise, button="Record the advice",
                command="proposal advise"),
    on_proposal("waive-advice", "Go on without advice", who=DECIDES, fields=Because, do=_waive,
                button="Go on without advice", command="proposal waive-advice"),
)  # fmt: skip
