"""What is in place after a version was adopted: the checklist on one page, and later what was “not yet”."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationInfo, create_model, field_validator
from sqlmodel import Session

from actions.cast import NotThere
from actions.confirmation_answers import Said
from actions.confirming import ItemAnswer, checklist, confirm, latest_answers, said_by
from actions.policy import today_of
from actions.review_signing import version_of
from models.obligation import Obligation, ObligationKind, Outcome
from models.protocol import ChecklistItem, Party, Version
from models.review import Confirmation, ConfirmationAnswer, Review
from notifications.wording import counted
from rules.errors import Refused
from rules.texts import fingerprint
from web.declaring import PARTIES, Act, Asked, Done
from web.fields import beside, carried, choice, day, tick, words
from web.parties.ended import ending, require_owed
from web.parties.own import own_duty, page_of

MENU = "/party"
SLOTS = 40  # questions on the page; a longer list is answered in parts, the rest when these have been
IN_PLACE, NOT_YET = ConfirmationAnswer.IN_PLACE, ConfirmationAnswer.NOT_YET
NOT_APPLICABLE = ConfirmationAnswer.NOT_APPLICABLE
ANSWERS = ((IN_PLACE, "In place"), (NOT_YET, "Not yet"), (NOT_APPLICABLE, "Not applicable"))


class NotAhead(Refused):
    def __init__(self, field: str) -> None:
        super().__init__("The day by which it will be in place must lie ahead")
        self.field = field


class NothingAnswered(Refused):
    def __init__(self) -> None:
        super().__init__("Answer at least one question, or tick that everything is in place")
        self.field = "answer_1"


class OtherQuestions(Refused):
    def __init__(self) -> None:
        super().__init__(
            "The questions have changed since you opened the page, and nothing was recorded. Read them again: your "
            "answers stand where they stood, perhaps beside another question."
        )


class _Answers(BaseModel):
    """“Not yet” needs a day, “not applicable” a reason."""

    model_config = ConfigDict(validate_default=True)

    @field_validator("*")
    @classmethod
    def _complete(cls, value: Any, info: ValidationInfo) -> Any:
        name, _, number = (info.field_name or "").rpartition("_")
        answer = info.data.get(f"answer_{number}")
        if name == "by_when" and answer == NOT_YET and value is None:
            raise ValueError("Enter the day by which it will be in place, such as 1 10 2027")
        if name == "why" and answer == NOT_APPLICABLE and value is None:
            raise ValueError("Say why it does not apply to your organisation")
        return value


def _slots() -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for number in range(1, SLOTS + 1):
        fields[f"answer_{number}"] = (str | None, choice("Is it in place?", ANSWERS, optional=True, inline=True))
        fields[f"by_when_{number}"] = (date | None, beside(day("By when will it be in place?", optional=True)))
        fields[f"why_{number}"] = (
            str | None,
            beside(words("Why does it not apply?", optional=True, rows=2, longest=2000)),
        )
    fields["others"] = (bool, tick("Everything that I have left open above is in place", optional=True))
    fields["questions"] = (str | None, carried(longest=80))
    return fields


Answers: Any = create_model("Answers", __base__=_Answers, **_slots())


def of_case(session: Session, duty: Obligation) -> tuple[Review, Version]:
    review = session.get_one(Review, int(duty.case.partition(":")[2]))
    return review, version_of(session, review)


def own_party(asked: Asked) -> Party:
    if asked.caller.party is None:
        raise NotThere("There is no such thing among what you are asked for.")
    return asked.caller.party


def _asked_for(asked: Asked) -> tuple[Obligation, list[ChecklistItem], dict[str, Confirmation]]:
    """With the questions of this page, and what has been answered."""
    duty, party = own_duty(asked, ObligationKind.CONFIRMATION), own_party(asked)
    _, version = of_case(asked.session, duty)
    items, given = checklist(asked.session, asked.protocol), latest_answers(asked.session, version, party)
    if len(items) > SLOTS:
        items.sort(key=lambda item: (item.key in given, item.position))
    return duty, items[:SLOTS], given


def mark_of(items: Sequence[ChecklistItem]) -> str:
    """Which questions stand on the page, in which order."""
    return fingerprint("\n".join(f"{item.key} {item.question}" for item in items))


def _about(asked: Asked, _given: object) -> dict[str, Any]:
    duty, items, given = _asked_for(asked)
    _, version = of_case(asked.session, duty)
    said = said_by(asked.session, version, own_party(asked))
    is_over = duty.outcome not in (None, Outcome.ANSWERED)  # what was answered may be answered otherwise
    return {
        "duty": duty, "items": items, "answered": sum(item.key in given for item in items), "version": version,
        "party": own_party(asked), "ending": ending(asked.session, duty) if is_over else None, "mark": mark_of(items),
        "not_yet": [(each.question, each.given.by_when) for each in _listed(asked, said) if each.given.by_when],
        "reworded": {key: each for key, each in said.items() if not each.stands},
    }  # fmt: skip


def _listed(asked: Asked, said: Mapping[str, Said]) -> list[Said]:
    """Of what is on the checklist still, in whichever words."""
    keys = {item.key for item in checklist(asked.session, asked.protocol)}
    return [each for key, each in said.items() if key in keys]


def _start(asked: Asked) -> Mapping[str, Any]:
    """What has been answered before."""
    _, items, given = _asked_for(asked)
    start: dict[str, Any] = {"questions": mark_of(items)}
    for number, item in enumerate(items, 1):
        if (known := given.get(item.key)) is not None:
            start |= {f"answer_{number}": known.answer.value, f"by_when_{number}": known.by_when}
            start[f"why_{number}"] = known.why
    return start


def _answer(asked: Asked, said: Any) -> Done:
    duty, items, _ = _asked_for(asked)
    if duty.outcome is not Outcome.ANSWERED:
        require_owed(duty)
    if said.questions != mark_of(items):
        raise OtherQuestions
    answers = list(_given(asked, said, items))
    if not answers:
        raise NothingAnswered
    review, version = of_case(asked.session, duty)
    confirm(asked.session, asked.now, review, version, own_party(asked), answers, asked.caller.by)
    every = len(checklist(asked.session, asked.protocol))
    lacking = every - len(latest_answers(asked.session, version, own_party(asked)))
    still = f"{counted(lacking, 'question').capitalize()} {'is' if lacking == 1 else 'are'} still open."
    sentence = f"Your answers are recorded. {still}" if lacking else "Thank you: every question is answered."
    return Done(sentence=sentence, to=page_of(duty), facts={"lacking": lacking})


def _given(asked: Asked, said: Any, items: Sequence[ChecklistItem]) -> list[ItemAnswer]:
    today, answers = today_of(asked.protocol, asked.now), []
    for number, item in enumerate(items, 1):
        answer = getattr(said, f"answer_{number}") or (IN_PLACE.value if said.others else None)
        if answer is None:
            continue
        by_when, why = getattr(said, f"by_when_{number}"), getattr(said, f"why_{number}")
        if answer == NOT_YET and (by_when is None or by_when <= today):
            raise NotAhead(f"by_when_{number}")
        kept = why if answer == NOT_APPLICABLE else None
        answers.append(ItemAnswer(item=item.key, answer=ConfirmationAnswer(answer), by_when=by_when, why=kept))
    return answers


ACTS = (
    Act(path="/party/confirmation/{duty:int}", title="Confirm what is in place", who=PARTIES, fields=Answers,
        do=_answer, before=_about, start=_start, template="parties/confirming.html", button="Record these answers",
        in_menu=MENU),
)  # fmt: skip
