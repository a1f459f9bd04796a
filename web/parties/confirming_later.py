"""What was “not yet” in a confirmation, asked about again: in place now, or by another day."""

from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator

from actions.cast import NotThere
from actions.confirmation_answers import Said
from actions.confirming import ItemAnswer, checklist, confirm, said_by
from actions.policy import today_of
from models.obligation import Obligation, ObligationKind
from models.protocol import ChecklistItem
from models.review import ConfirmationAnswer
from web.declaring import PARTIES, Act, Asked, Done
from web.fields import beside, carried, choice, day, words
from web.parties.confirming import NotAhead, OtherQuestions, mark_of, of_case, own_party
from web.parties.ended import ending, require_owed
from web.parties.own import own_duty


class Later(BaseModel):
    """What was “not yet”, asked about again."""

    model_config = ConfigDict(validate_default=True)

    answer: str = choice(
        "Is it in place?", (("in place", "It is in place now"), ("later", "Not yet, but by another day")),
        missing="Choose whether it is in place",
    )  # fmt: skip
    by_when: date | None = beside(day("By when will it be in place?", optional=True))
    why: str | None = beside(words("Why does it take longer?", optional=True, rows=3, longest=2000))
    questions: str | None = carried(longest=80)

    @field_validator("by_when", "why")
    @classmethod
    def _complete(cls, value: Any, info: ValidationInfo) -> Any:
        if info.data.get("answer") == "later" and value is None:
            by_day = info.field_name == "by_when"
            raise ValueError("Enter the day by which it will be in place" if by_day else "Say why it takes longer")
        return value


def _not_yet(asked: Asked) -> tuple[Obligation, ChecklistItem | None, Said | None]:
    """The duty, its question as it reads now and what was said to it; no question where it is off the list."""
    duty, party = own_duty(asked, ObligationKind.IMPLEMENTATION), own_party(asked)
    key = (duty.subject or "").removeprefix("item:")
    item = next((each for each in checklist(asked.session, asked.protocol) if each.key == key), None)
    _, version = of_case(asked.session, duty)
    return duty, item, said_by(asked.session, version, party).get(key)


def _about_later(asked: Asked, _given: object) -> dict[str, Any]:
    duty, item, standing = _not_yet(asked)
    _, version = of_case(asked.session, duty)
    return {"duty": duty, "item": item, "standing": standing, "version": version, "party": own_party(asked),
            "ending": ending(asked.session, duty), "mark": mark_of([item] if item else [])}  # fmt: skip


def _later(asked: Asked, said: Later) -> Done:
    duty, item, _ = _not_yet(asked)
    require_owed(duty)
    if item is None:
        raise NotThere("This question is not on the list any more: write to the secretary.")
    if said.questions not in (None, mark_of([item])):  # None: it was opened before this was asked
        raise OtherQuestions
    is_done = said.answer == "in place"
    if not is_done and (said.by_when is None or said.by_when <= today_of(asked.protocol, asked.now)):
        raise NotAhead("by_when")
    answer = ItemAnswer(item=item.key, answer=ConfirmationAnswer.IN_PLACE)
    if not is_done:
        answer = ItemAnswer(
            item=item.key, answer=ConfirmationAnswer.NOT_YET, by_when=said.by_when, why=said.why
        )  # fmt: skip
    review, version = of_case(asked.session, duty)
    confirm(asked.session, asked.now, review, version, own_party(asked), [answer], asked.caller.by)
    sentence = "Thank you: it is recorded as in place." if is_done else "The new day is recorded, with why."
    return Done(sentence=sentence, to="/party")


ACTS = (
    Act(path="/party/implementation/{duty:int}", title="Is it in place now?", who=PARTIES, fields=Later, do=_later,
        before=_about_later, template="parties/confirming_later.html", button="Record", in_menu="/party"),
)  # fmt: skip
