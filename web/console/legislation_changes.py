"""A change of the law is recorded; the clauses that it marks are answered, or it is taken back."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pydantic import BaseModel, model_validator

from actions.clauses import clause_headings
from actions.law.acts import cited
from actions.law.changing import record_change
from actions.law.marks import change_numbered, marks_of, settle_mark, standing_marks
from actions.law.register import register_of
from actions.law.told import ChangeOfLaw
from actions.law.withdrawing import withdraw_change
from models.protocol import LegislationChange
from notifications.wording import counted
from rules.sentences import listed, written_day
from web.console.legislation import LIST, MENU, act_of
from web.console.reviews import of_protocol
from web.declaring import DECIDES, Act, Asked, Done
from web.fields import choice, day, line, pick, ticks, words

REVIEW = (
    ("yes", "Yes, at once", "Every party is asked, or the reason joins a review that is open"),
    ("no", "No, only mark the clauses", "Say why below"),
)


class _Change(BaseModel):
    section: str | None = line("Which part of it?", optional=True, longest=80, hint="Such as 164A or Schedule 2.")
    in_force_from: date = day("From when is it in force?", missing="Enter the day from which it is in force")
    what: str = words("What changes?", missing="Say what changes, in a sentence", rows=3, longest=2000)
    clauses: tuple[str, ...] = ticks("Which clauses does it touch?", optional=True,
                                     hint="Where none is ticked: all that are known to rest on the Act.")  # fmt: skip
    source: str | None = line("Where can it be read?", optional=True, longest=300, hint="An address on the web.")
    review: str = choice("Is the protocol reviewed because of it?", REVIEW, missing="Choose whether it is reviewed")
    because: str | None = words("Why without a review?", optional=True, rows=2, longest=1000)

    @model_validator(mode="after")
    def says_why_not(self) -> "_Change":
        if self.review == "no" and not self.because:
            raise ValueError("Say why the protocol is not reviewed because of it")
        if self.review == "yes" and self.because:
            raise ValueError("“Why without a review?” is only for a change that brings none: leave it empty")
        return self


class ChangeOfListed(_Change):
    pass


class ChangeOfAny(_Change):
    key: str | None = pick("Which Act?", optional=True, hint="Those that the protocol cites.")
    act: str | None = line("Or the title of an Act that is not in the list", optional=True, longest=300)

    @model_validator(mode="after")
    def says_which(self) -> "ChangeOfAny":
        if bool(self.key) is bool(self.act):
            raise ValueError("Choose the Act, or write the title of one that is not in the list; not both")
        return self


class Settled(BaseModel):
    clauses: tuple[str, ...] = ticks("Which clauses need no change?", missing="Tick the clauses that need no change")
    because: str = words("Why?", missing="Say why they need no change", rows=3, longest=2000)


class Because(BaseModel):
    because: str = words("Why?", missing="Say why", rows=3, longest=2000, hint="History keeps it.")


def _clauses(asked: Asked) -> dict[str, Sequence[tuple[str, str]]]:
    return {"clauses": [(key, f"{key}: {heading}") for key, heading in clause_headings(asked.session, asked.protocol)]}


def _choices(asked: Asked) -> Mapping[str, Sequence[tuple[str, str]]]:
    acts = [(act.key, act.title) for act in register_of(asked.session, asked.protocol) if act.key]
    return _clauses(asked) | {"key": acts}


def _start(asked: Asked) -> dict[str, Any]:
    """What the protocol's file says of an Act that is not in force any more."""
    act = act_of(asked)
    if act.status == "in force" or act.since is None:
        return {}
    return {"in_force_from": act.since, "what": f"The {act.title} was {act.status} on {written_day(act.since)}.",
            "source": act.source}  # fmt: skip


def _record_any(asked: Asked, given: ChangeOfAny) -> Done:
    return _recorded(asked, given, key=given.key, act=given.act)


def _record_listed(asked: Asked, given: ChangeOfListed) -> Done:
    act = act_of(asked)
    return _recorded(asked, given, key=act.key, act=None if act.key else act.title)


def _recorded(asked: Asked, given: _Change, *, key: str | None, act: str | None) -> Done:
    told = ChangeOfLaw(key=key, act=act, section=given.section, in_force_from=given.in_force_from, what=given.what,
                       clauses=tuple(given.clauses), source=given.source)  # fmt: skip
    change = record_change(
        asked.session, asked.now, asked.protocol, told, asked.caller.by, review=given.review == "yes",
        because=given.because,
    )  # fmt: skip
    marks = f"It marks {counted(len(change.clauses), 'clause')}: {', '.join(change.clauses)}."
    review = f"It is a reason of review {change.review_id}." if change.review_id else "It opened no review."
    return _done(
        asked, change, f"Change {change.id} is recorded: {cited(change)}. {marks} {review}",
        in_force_from=change.in_force_from, clauses=change.clauses, review=change.review_id,
    )  # fmt: skip


def _done(asked: Asked, change: LegislationChange, sentence: str, **facts: Any) -> Done:
    to = f"{LIST}/acts/change-{change.id}{of_protocol(asked, asked.protocol)}"
    return Done(sentence=sentence, to=to, facts={"change": change.id, **facts})


def _change(asked: Asked) -> LegislationChange:
    return change_numbered(asked.session, asked.protocol, asked.place["change"])


def _about_change(asked: Asked, _given: object) -> dict[str, Any]:
    change = _change(asked)
    return {"change": change, "cited": cited(change)}


def _about_act(asked: Asked, _given: object) -> dict[str, Any]:
    act = act_of(asked)
    return {"act_row": act, "rests": listed(list(act.clauses)) if act.clauses else ""}


def _standing(asked: Asked) -> Mapping[str, Sequence[tuple[str, str]]]:
    headings = dict(clause_headings(asked.session, asked.protocol))
    marks = marks_of(asked.session, asked.protocol, [_change(asked)])
    return {
        "clauses": [(mark.clause, f"{mark.clause}: {headings.get(mark.clause, '')}") for mark in marks if mark.stands]
    }


def _settle(asked: Asked, given: Settled) -> Done:
    change = _change(asked)
    for clause in given.clauses:
        settle_mark(
            asked.session, asked.now, asked.protocol, asked.place["change"], clause, asked.caller.by, given.because
        )
    return _settled(asked, change, list(given.clauses))


def _settle_one(asked: Asked, given: Because) -> Done:
    mark = settle_mark(
        asked.session, asked.now, asked.protocol, asked.place["change"], asked.place["clause"], asked.caller.by,
        given.because,
    )  # fmt: skip
    return _settled(asked, _change(asked), [mark.clause])


def _settled(asked: Asked, change: LegislationChange, clauses: list[str]) -> Done:
    needs = "needs" if len(clauses) == 1 else "need"
    left = counted(len(standing_marks(asked.session, asked.protocol)), "clause waits", "clauses wait")
    sentence = f"{listed(clauses)} {needs} no change for change {change.id}. {left.capitalize()} for an answer now."
    return _done(asked, change, sentence, clauses=clauses)


def _withdraw(asked: Asked, given: Because) -> Done:
    number = asked.place["change"]
    taken = withdraw_change(asked.session, asked.now, asked.protocol, number, asked.caller.by, given.because)
    sentence = f"Change {number} is withdrawn: it marks no clause any more."
    if taken.review_id is not None:
        sentence += f" Review {taken.review_id} goes on: cancel it, if nothing else asks for it."
    return _done(asked, taken, sentence, review=taken.review_id)


ACTS = (
    Act(path="/console/legislation/change", title="Record a change of the law", who=DECIDES, fields=ChangeOfAny,
        do=_record_any, button="Record the change", choices=_choices, in_menu=MENU,
        words="It marks the clauses that it touches until a version, or a person, has answered."),
    Act(path="/console/legislation/acts/{key}/change", title="Record a change of this Act", who=DECIDES,
        fields=ChangeOfListed, do=_record_listed, button="Record the change", choices=_clauses, start=_start,
        before=_about_act, template="console/legislation_change.html", command="legislation change", in_menu=MENU,
        title_of=lambda asked: f"Record a change: {act_of(asked).title}",
        words="It marks the clauses that it touches until a version, or a person, has answered."),
    Act(path="/console/legislation/changes/{change:int}/settle", title="Say that clauses need no change", who=DECIDES,
        fields=Settled, do=_settle, button="Record it", choices=_standing, before=_about_change,
        template="console/legislation_settle.html", in_menu=MENU),
    Act(path="/console/legislation/settled/{clause}/{change:int}", title="Say that a clause needs no change",
        who=DECIDES, fields=Because, do=_settle_one, button="Record it", before=_about_change, in_menu=MENU,
        template="console/legislation_settle.html", command="legislation settled",
        title_of=lambda asked: f"Say that clause {asked.place['clause']} needs no change"),
    Act(path="/console/legislation/changes/{change:int}/withdraw", title="Withdraw this change", who=DECIDES,
        fields=Because, do=_withdraw, button="Withdraw it", before=_about_change, grave=True, in_menu=MENU,
        template="console/legislation_settle.html", command="legislation withdraw",
        words="It was recorded by mistake. It marks no clause any more, and it is not taken back again."),
)  # fmt: skip
