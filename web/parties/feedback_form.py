"""The form of feedback: comments, and up to eight changes to the wording, each beside the clause as it reads now.

Without JavaScript a page cannot fetch a clause's wording when one is chosen, or grow another set of questions. Its
buttons ask for the page again instead: nothing is kept here before "Send", and every answer stays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup
from pydantic import BaseModel, create_model

from actions.proposals import Proposed
from models.review import WORDING
from rules.errors import Refused
from rules.instants import LONDON
from web.differences import is_changed, marked
from web.fields import carried, pick, words
from web.forms import FormField, Given, form_fields

MOST = 8  # changes in one sitting; whoever has more comes back
PARTS = ("clause", "wording", "problem", "base")
ADD, REMOVE = "add", "remove-"
Texts = Mapping[str, str]  # the clauses as they read now, by their ids


class ToMend(Refused):
    def __init__(self, field: str, sentence: str) -> None:
        self.field = field
        super().__init__(sentence)


def _model() -> type[BaseModel]:
    """`preview` is the button that was pressed; `base_n` the clause whose wording the box was filled with."""
    asked: dict[str, Any] = {
        "comments": (str | None, words(
            "How does the protocol work for you?", optional=True, rows=6,
            hint="What helps, what gets in the way, what is missing. Do not name people.",
        )),
    }  # fmt: skip
    for n in range(1, MOST + 1):
        asked |= {
            f"clause_{n}": (str | None, pick("Which clause should read otherwise?", optional=True)),
            f"wording_{n}": (str | None, words(
                "What should it say?", optional=True, longest=WORDING, rows=8,
                hint="The box holds what it says now. Change it to what it should say.",
            )),
            f"problem_{n}": (str | None, words("What is wrong with it today?", optional=True, longest=5000, rows=3)),
            f"base_{n}": (str | None, carried(80)),
        }  # fmt: skip
    return create_model("GiveFeedback", **asked, preview=(str | None, carried(20)))


GiveFeedback = _model()


@dataclass(frozen=True, kw_only=True)
class Change:
    """One set of questions. `difference` where the wording has been changed."""

    number: int
    clause: FormField
    wording: FormField | None  # once a clause is chosen
    problem: FormField
    base: str
    difference: Markup | None


def clause_choices(headings: Sequence[tuple[str, str]]) -> dict[str, list[tuple[str, str]]]:
    offered = [(key, f"{key.partition('-')[0]}, {heading}") for key, heading in headings]
    return {f"clause_{n}": offered for n in range(1, MOST + 1)}


def changes_of(texts: Texts, given: Given, options: Mapping[str, Any]) -> tuple[FormField, list[Change]]:
    """The comments and the changes as the page shows them, boxes filled where a clause has been chosen."""
    pressed = str(given.raw.get("preview") or "")
    groups = [_filled(texts, _group(given.raw, n)) for n in range(1, MOST + 1)]
    if pressed.startswith(REMOVE) and pressed.removeprefix(REMOVE).isdecimal():
        groups = _without(groups, int(pressed.removeprefix(REMOVE)))
    shown = max((n for n, group in enumerate(groups, 1) if any(group.values())), default=0)
    shown = min(MOST, max(1, shown + (pressed == ADD)))
    raw = {f"{part}_{n}": group[part] for n, group in enumerate(groups, 1) for part in PARTS}
    comments = {"comments": given.raw.get("comments", "")}
    drawn = {
        each.name: each
        for each in form_fields(GiveFeedback, Given(comments | raw, {}, given.errors), {}, options, LONDON)
    }
    return drawn["comments"], [_change(texts, drawn, n) for n in range(1, shown + 1)]


def _group(raw: Mapping[str, Any], n: int) -> dict[str, str]:
    return {part: str(raw.get(f"{part}_{n}") or "") for part in PARTS}


def _filled(texts: Texts, group: dict[str, str]) -> dict[str, str]:
    """The box holds the chosen clause's wording, unless somebody has written into it."""
    clause, base, wording = group["clause"], group["base"], group["wording"]
    if not wording.strip() or (base in texts and not is_changed(texts[base], wording)):
        wording = texts.get(clause, "")
        base = clause if wording else ""
    return group | {"wording": wording, "base": base}


def _without(groups: list[dict[str, str]], number: int) -> list[dict[str, str]]:
    kept = [group for n, group in enumerate(groups, 1) if n != number]
    return [*kept, *[dict.fromkeys(PARTS, "")] * (MOST - len(kept))]


def _change(texts: Texts, drawn: Mapping[str, FormField], n: int) -> Change:
    clause, wording, problem, base = (drawn[f"{part}_{n}"] for part in PARTS)
    now, begun = texts.get(clause.value), clause.value or wording.value or problem.value
    changed = now is not None and is_changed(now, wording.value)
    return Change(
        number=n, clause=_asked_for(clause), wording=_asked_for(wording) if begun else None, problem=problem,
        base=base.value, difference=marked(now or "", wording.value) if changed else None,
    )  # fmt: skip


def _asked_for(field: FormField) -> FormField:
    """That a whole change is optional is said once, above it."""
    return replace(field, more=dict(field.more) | {"optional_said": False})


def proposals_in(texts: Texts, given: BaseModel) -> list[Proposed]:
    """Raises ToMend at the first that says nothing."""
    made = []
    for n in range(1, MOST + 1):
        clause, wording, problem = (getattr(given, f"{part}_{n}") or "" for part in ("clause", "wording", "problem"))
        if not clause and not wording and not problem:
            continue
        if not clause:
            raise ToMend(f"clause_{n}", f"Change {n}: choose the clause that should read otherwise")
        if not wording:
            raise ToMend(f"wording_{n}", f"Change {n}: say what the clause should say")
        if not is_changed(texts.get(clause, ""), wording):
            raise ToMend(
                f"wording_{n}",
                f"Change {n}: this is what the clause says already. Change the words, or remove this change",
            )
        made.append(Proposed(clause=clause, wording=wording, problem=problem))
    return made
