"""What is done with a gap. Whoever works records one and joins cases to it; what binds a party, asks everybody for a
review, or ends it, whoever decides does."""

from collections.abc import Callable, Mapping, Sequence

from pydantic import BaseModel
from sqlmodel import col, select

from actions.cast import known_id
from actions.clauses import clause_headings
from actions.gaps.asking import ask_for_review
from actions.gaps.keeping import LONGEST_WORDS, GapView, gap_view
from actions.gaps.living import assign, close_gap, join_gap, mark_urgent, open_gap_for, reopen_gap
from models.gap import Gap
from models.protocol import Clause, Protocol
from rules.sentences import written_day
from web.console.complaint_places import party_choices
from web.console.gap_list import MENU
from web.console.gap_showing import gap_of
from web.declaring import DECIDES, WORKS, Act, Asked, Done
from web.fields import line, pick, tick, words

SECRETARY = "secretary"
CASE_HINT = "Write it as complaint:12, breach:7, feedback:9 or legislation:2."


class Opens(BaseModel):
    clause: str | None = pick("Which clause is wanting?", optional=True, hint="Leave it empty if there is none for it.")
    words: str = words("What is wanting?", missing="Say what is wanting", hint="Without names of people.", rows=4,
                       longest=LONGEST_WORDS)  # fmt: skip
    origin: str | None = line("Which case shows it?", optional=True, hint=CASE_HINT, width="govuk-input--width-20")
    urgent: bool = tick("It cannot wait for the next annual review", optional=True)


class Joins(BaseModel):
    case: str = line(
        "Which case shows it too?", missing="Say which case", hint=CASE_HINT, width="govuk-input--width-20"
    )


class Owner(BaseModel):
    owner: str = pick("Who looks after it?", missing="Choose who looks after it")


class Urgent(BaseModel):
    because: str = words("Why can it not wait?", missing="Say why it cannot wait", rows=3, longest=2000)
    review: bool = tick("Open an extraordinary review now, or join the one that is open", optional=True)


class Because(BaseModel):
    because: str = words("Why?", missing="Say why", rows=3, longest=2000)


class Closes(BaseModel):
    because: str = words("Why?", missing="Say why", rows=3, longest=LONGEST_WORDS)


def page_of(gap: int) -> str:
    return f"{MENU}/{gap}"


def _stands(asked: Asked, gap: Gap, sentence: Callable[[GapView], str], **facts: object) -> Done:
    asked.session.flush()
    view = gap_view(asked.session, gap)
    return Done(sentence=sentence(view), to=page_of(view.id), facts={"gap": view.id, "stage": view.state, **facts})


def _open(asked: Asked, given: Opens) -> Done:
    gap = open_gap_for(
        asked.session, asked.now, asked.protocol, given.clause, given.words, given.origin, asked.caller.by, given.urgent
    )
    return _stands(asked, gap, lambda view: f"Gap {view.id} is on the agenda of the next review.")


def _join(asked: Asked, given: Joins) -> Done:
    gap = join_gap(asked.session, asked.now, known_id(gap_of(asked)), given.case, asked.caller.by)
    return _stands(asked, gap, lambda view: f"Gap {view.id} comes from {', '.join(view.origins)}.")


def _own(asked: Asked, given: Owner) -> Done:
    gap = gap_of(asked)
    owner = None if given.owner == SECRETARY else given.owner
    assign(asked.session, asked.now, known_id(gap), owner, asked.caller.by)
    return _stands(asked, gap, lambda view: f"Gap {view.id} is looked after by {view.owner or 'the secretary'}.")


def _urgent(asked: Asked, given: Urgent) -> Done:
    gap, session = gap_of(asked), asked.session
    number = known_id(gap)
    mark_urgent(session, asked.now, number, asked.caller.by, given.because)
    review = ask_for_review(session, asked.now, number, asked.caller.by).id if given.review else None
    besides = f" Review {review} has it on its agenda." if review else ""
    return _stands(asked, gap, lambda view: f"Gap {view.id} is urgent.{besides}", review=review)


def _review(asked: Asked, _given: object) -> Done:
    gap = gap_of(asked)
    review = ask_for_review(asked.session, asked.now, known_id(gap), asked.caller.by)
    due = written_day(review.due_on)
    said = f"Review {review.id} has it on its agenda; feedback is due by {due}."
    return _stands(asked, gap, lambda _: said, review=review.id)


def _close(asked: Asked, given: Closes) -> Done:
    gap = gap_of(asked)
    close_gap(asked.session, asked.now, known_id(gap), asked.caller.by, given.because)
    return _stands(asked, gap, lambda view: f"Gap {view.id} is closed.")


def _reopen(asked: Asked, given: Because) -> Done:
    gap = gap_of(asked)
    reopen_gap(asked.session, asked.now, known_id(gap), asked.caller.by, given.because)
    return _stands(asked, gap, lambda view: f"Gap {view.id} waits for the next review again.")


def _clauses(asked: Asked) -> Mapping[str, Sequence[tuple[str, str]]]:
    headings = dict(clause_headings(asked.session, asked.protocol))
    of = Clause.protocol_id == asked.protocol.id
    keys = asked.session.exec(select(Clause.key).where(of).order_by(col(Clause.position)))
    return {"clause": [(key, f"{key}: {headings[key]}" if key in headings else key) for key in keys]}


def _owners(asked: Asked) -> Mapping[str, Sequence[tuple[str, str]]]:
    protocol = asked.session.get_one(Protocol, gap_of(asked).protocol_id)
    return {"owner": [(SECRETARY, "The secretary of the steering group"), *party_choices(asked, protocol)]}


def _about(asked: Asked, _given: object) -> Mapping[str, object]:
    gap = gap_of(asked)
    return {"gap": gap.id, "case_page": page_of(known_id(gap)), "said": gap.words}


def _titled(title: str) -> Callable[[Asked], str]:
    return lambda asked: f"Gap {gap_of(asked).id}: {title[:1].lower()}{title[1:]}"


TEMPLATE = "console/gap_act.html"
ACTS = (
    Act(path="/console/gaps/open", title="Open a gap", who=WORKS, fields=Opens, do=_open, choices=_clauses,
        words="The next review has it on its agenda.", button="Open the gap", command="gap open", in_menu=MENU),
    Act(path="/console/gaps/{gap:int}/join", title="Add a case that shows it", who=WORKS, fields=Joins, do=_join,
        before=_about, title_of=_titled("Add a case that shows it"), button="Add the case", template=TEMPLATE,
        command="gap join", in_menu=MENU),
    Act(path="/console/gaps/{gap:int}/own", title="Say who looks after it", who=DECIDES, fields=Owner, do=_own,
        choices=_owners, before=_about, title_of=_titled("Say who looks after it"), button="Record it",
        template=TEMPLATE, words="A party’s lead member is told.", command="gap own", in_menu=MENU),
    Act(path="/console/gaps/{gap:int}/urgent", title="Mark it as urgent", who=DECIDES, fields=Urgent, do=_urgent,
        before=_about, title_of=_titled("Mark it as urgent"), button="It is urgent", template=TEMPLATE,
        command="gap urgent", in_menu=MENU),
    Act(path="/console/gaps/{gap:int}/review", title="Ask for a review now", who=DECIDES, do=_review, before=_about,
        title_of=_titled("Ask for a review now"), button="Ask for the review", template=TEMPLATE, grave=True,
        words="Opens an extraordinary review, or joins the one that is open. Every party is asked for its comments.",
        command="gap review", in_menu=MENU),
    Act(path="/console/gaps/{gap:int}/close", title="Close it, because", who=DECIDES, fields=Closes, do=_close,
        before=_about, title_of=_titled("Close it, because"), button="Close the gap", template=TEMPLATE,
        words="No version has to answer it.", command="gap close", in_menu=MENU),
    Act(path="/console/gaps/{gap:int}/reopen", title="Reopen it", who=DECIDES, fields=Because, do=_reopen,
        before=_about, title_of=_titled("Reopen it"), button="Reopen the gap", template=TEMPLATE,
        words="It waits for a review again.", command="gap reopen", in_menu=MENU),
)  # fmt: skip
