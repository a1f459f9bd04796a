"""Between the parties of one breach: questions, and letters that have to wait."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from actions.breaches.consulting import answer_consultation, consult
from actions.breaches.holding import confirm_hold, place_hold, release_hold
from actions.breaches.shown import ConsultationLine, HoldLine
from actions.cast import NotThere, is_active, party_named
from actions.policy import today_of
from web.declaring import PARTIES, Act, Asked, Done
from web.fields import choice, words
from web.parties.breach_own import Mine, about, own_follow_up, recorded, view_of, worded
from web.parties.breach_pages import names_of

SEEN_BY_BOTH = "Both parties read it, and nobody else’s notes are shown with it. Name nobody."


class Question(BaseModel):
    of: str = choice("Whom do you ask?", missing="Choose whom you ask")
    question: str = words("What do you ask?", hint=SEEN_BY_BOTH, missing="Write your question")


class AnswerIt(BaseModel):
    answer: str = words("Your answer", hint=SEEN_BY_BOTH + " An answer stays as it is.", missing="Write your answer")


class Hold(BaseModel):
    because: str = words("Why must letters wait?", hint="Only your party and the secretary read the reasons.",
                         missing="Say why letters must wait")  # fmt: skip


class Confirm(BaseModel):
    because: str = words("Why must letters still wait?", hint="Only your party and the secretary read the reasons.",
                         missing="Say why letters must still wait")  # fmt: skip


class Release(BaseModel):
    because: str = words("Why may letters leave again?", hint="Only your party and the secretary read the reasons.",
                         missing="Say why letters may leave again")  # fmt: skip


def _others(asked: Asked) -> Mapping[str, Sequence[tuple[str, str]]]:
    mine = own_follow_up(asked)
    view, _ = view_of(asked, mine)
    today = today_of(asked.protocol, asked.now)
    others = [slug for slug in view.breach.parties if slug != mine.slug]
    here = (slug for slug in others if is_active(party_named(asked.session, asked.protocol, slug), today))
    names = names_of(asked, here)
    return {"of": sorted(names.items(), key=lambda each: each[1])}


def _ask(asked: Asked, given: Question) -> Done:
    mine = own_follow_up(asked)
    consult(asked.session, asked.now, mine.number, mine.slug, given.of, given.question, asked.caller.by)
    return recorded(mine, "Your question is recorded, and the other party is told that there is one.", "#questions")


def _question(asked: Asked, mine: Mine) -> ConsultationLine:
    """Asked of the caller's own party. Raises NotThere."""
    view, _ = view_of(asked, mine)
    number = asked.place["question"]
    found = next((each for each in view.consultations if each.number == number and each.asked_of == mine.slug), None)
    if found is None:
        raise NotThere("Your party is asked no such question in this breach.")
    return found


def _asked_of_us(asked: Asked, mine: Mine) -> Mapping[str, Any]:
    question = _question(asked, mine)
    return {"question": question, "names": names_of(asked, [question.asked_by])}


def _answer(asked: Asked, given: AnswerIt) -> Done:
    mine = own_follow_up(asked)
    number = _question(asked, mine).number
    answer_consultation(asked.session, asked.now, number, given.answer, asked.caller.by)
    return recorded(mine, "Your answer is recorded.", "#questions")


def _own_hold(asked: Asked, mine: Mine) -> Mapping[str, Any]:
    return {"hold": _standing(asked, mine)}


def _standing(asked: Asked, mine: Mine) -> HoldLine | None:
    view, _ = view_of(asked, mine)
    return next((each for each in view.holds if each.party == mine.slug and each.released_at is None), None)


def _holding(act: Callable[..., Any], sentence: str) -> Callable[[Asked, Any], Done]:
    def hold(asked: Asked, given: Any) -> Done:
        mine = own_follow_up(asked)
        act(asked.session, asked.now, mine.number, mine.slug, asked.caller.by, given.because)
        return recorded(mine, sentence, "#letters")

    return hold


BREACH = "/party/breaches/{breach:int}"
ACTS = (
    Act(path=f"{BREACH}/consult", title="Ask another party", who=PARTIES, fields=Question, choices=_others,
        do=worded(_ask),
        before=about(), template="parties/breach_act.html", button="Ask", in_menu="/party",
        words="Nothing waits for the answer: neither a step nor the 72 hours."),
    Act(path=f"{BREACH}/questions/{{question:int}}", title="Answer a partner’s question", who=PARTIES, fields=AnswerIt,
        do=worded(_answer), before=about(_asked_of_us), template="parties/breach_question.html",
        button="Send the answer",
        in_menu="/party"),
    Act(path=f"{BREACH}/hold", title="Hold letters to the people concerned", who=PARTIES, fields=Hold,
        do=worded(_holding(place_hold, "Held: nobody writes to the people concerned until you release it.")),
        before=about(_own_hold), template="parties/breach_hold.html", button="Hold all letters", grave=True,
        in_menu="/party", words="From now on nobody’s letters to the people concerned may leave, until you release "
        "them (Data Protection Act 2018, section 68(7)). Neither the 72 hours nor what partners are told waits."),
    Act(path=f"{BREACH}/hold/confirm", title="Must letters still wait?", who=PARTIES, fields=Confirm,
        do=worded(_holding(confirm_hold, "Recorded: you have looked again, and letters still wait.")),
        before=about(_own_hold), template="parties/breach_hold.html", button="Yes, they must still wait",
        in_menu="/party", words="You hold the letters to the people concerned. Look again whether that is still "
        "necessary."),
    Act(path=f"{BREACH}/hold/release", title="Release the letters", who=PARTIES, fields=Release,
        do=worded(_holding(release_hold, "Released. With the last hold gone, whoever has to tell people is asked to.")),
        before=about(_own_hold), template="parties/breach_hold.html", button="Release them", in_menu="/party",
        words="Letters to the people concerned may leave again, as far as no other party holds them."),
)  # fmt: skip
