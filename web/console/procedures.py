"""The parties' breach procedures: which are kept, who follows which, what a procedure says and how late it may be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from actions.breaches.kept_procedures import kept_procedure, kept_procedures
from actions.breaches.procedures import choose_procedure
from actions.cast import active_parties, party_named
from actions.policy import today_of
from rules.procedure_words import limit_words, words
from rules.procedure_worst_case import WorstCase, worst_case
from rules.procedures import Procedure, ProcedureStep, roles_named
from web.declaring import READS, WORKS, Act, Asked, Done, Page
from web.fields import pick

MENU = "/console/documents"
LIST = "/console/procedures"


@dataclass(frozen=True, kw_only=True)
class StepLine:
    """`about`: what is said of it, as name and words. `hours` None: no figure."""

    id: str
    do: str
    about: tuple[tuple[str, str], ...]
    hours: float | None
    over_72: bool
    note: str


def _list(asked: Asked) -> dict[str, Any]:
    protocol = asked.protocol
    kept = kept_procedures(asked.session, asked.now, protocol)
    followed = {slug: each for each in kept for slug in each.parties}
    parties = active_parties(asked.session, protocol, today_of(protocol, asked.now))
    return {
        "kept": kept, "names": {party.slug: party.name for party in parties},
        "followed": {party.slug: followed.get(party.slug) for party in parties},
    }  # fmt: skip


def _show(asked: Asked) -> dict[str, Any]:
    read = kept_procedure(asked.session, asked.protocol, asked.place["key"])
    return {"title": read.title} | shown(read)


def shown(read: Procedure) -> dict[str, Any]:
    cases = {case.step: case for case in worst_case(read)}
    steps = [_line(read, step, cases[step.id]) for step in read.steps.values()]
    about = {"version": read.version, "standing": read.standing.value, "covers": list(read.covers),
             "sources": list(read.sources), "parties": list(read.parties), "kinds": list(read.kinds)}  # fmt: skip
    return {"procedure": about, "steps": steps, "statistics": _statistics(read)}


def _line(read: Procedure, step: ProcedureStep, case: WorstCase) -> StepLine:
    hours = None if case.hours is None else float(case.hours)
    about = tuple((name, said) for name, said in _about(read, step) if said)
    return StepLine(id=step.id, do=step.do, about=about, hours=hours, over_72=case.over_72, note=case.note)


def _about(read: Procedure, step: ProcedureStep) -> list[tuple[str, str]]:
    late = "; ".join(f"after {each.after} to {read.roles[each.to].name}" for each in step.escalate)
    return [
        ("Who", _who(read, step)),
        ("By when", limit_words(step.limit) if step.limit else "it does not say"),
        ("May be provisional; the final answer", _final(step)),
        ("Needed if", words(step.when) if step.when else ""),
        ("After", ", ".join(step.after)),
        ("Advised by", ", ".join(roles_named(read, step.advised_by))),
        ("Informs", ", ".join(roles_named(read, step.inform))),
        ("Duty of the law or the protocol", step.duty or ""),
        ("If late", late),
        ("Again", f"{step.repeat.every} after it was done, until “{step.repeat.until}” is done" if step.repeat else ""),
        ("Evidence", step.evidence or ""),
        ("Note", step.note or ""),
    ]


def _final(step: ProcedureStep) -> str:
    if not step.may_be_provisional:
        return ""
    if step.final is None:
        return "it does not say by when"
    return str(step.final.urgency) if step.final.urgency else limit_words(step.final)


def _who(read: Procedure, step: ProcedureStep) -> str:
    role = read.roles[step.by]
    if role.only:
        return f"{role.name}, and nobody else"
    others = [read.roles[other].name for other in role.fallback]
    return role.name + (f"; in their place {' or '.join(others)}" if others else "")


def _statistics(read: Procedure) -> str:
    if not read.statistics:
        return ""
    kept = read.statistics
    return f"Every {kept.every}, to {read.roles[kept.to].name}: {', '.join(kept.what)}."


class Assign(BaseModel):
    procedure: str = pick("Which procedure do they follow?", missing="Choose a procedure")


def _choices(asked: Asked) -> Mapping[str, Sequence[tuple[str, str]]]:
    kept = kept_procedures(asked.session, asked.now, asked.protocol)
    return {"procedure": [(each.key, f"{each.title} ({each.key}, version {each.version})") for each in kept]}


def _start(asked: Asked) -> Mapping[str, Any]:
    _named(asked)
    kept = kept_procedures(asked.session, asked.now, asked.protocol)
    return {"procedure": next((each.key for each in kept if asked.place["party"] in each.parties), None)}


def _named(asked: Asked) -> Any:
    return party_named(asked.session, asked.protocol, asked.place["party"])


def _assign(asked: Asked, given: Assign) -> Done:
    party = _named(asked)
    choose_procedure(asked.session, asked.now, party, given.procedure, asked.caller.by)
    said = f"{party.name} follows “{given.procedure}” from now on; what runs goes on by the version it began with."
    return Done(sentence=said, to=LIST, facts={"party": party.slug, "procedure": given.procedure})


PAGES = (
    Page(path=LIST, title="Procedures", who=READS, read=_list, template="console/procedures.html", in_menu=MENU),
    Page(path=f"{LIST}/{{key}}", title="A procedure", who=READS, read=_show, template="console/procedure.html",
         in_menu=MENU),
)  # fmt: skip
ACTS = (
    Act(path=f"{LIST}/assign/{{party}}", title="Say which procedure a party follows", who=WORKS, fields=Assign,
        do=_assign, choices=_choices, start=_start, button="They follow it", command="procedure assign", in_menu=MENU,
        title_of=lambda asked: f"The procedure of {_named(asked).name}",
        words="From now on: what runs already goes on by the version it began with."),
)  # fmt: skip
