"""How severe a breach is, by ENISA's method: computed from its factors, as advice."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ValidationError, model_validator

from actions.breaches.concluding import assess
from actions.breaches.facts import facts_of
from actions.breaches.showing_facts import fact_lines, severity_line
from rules.breach_facts import FactName
from rules.errors import Refused
from rules.severity import severity
from rules.severity_factors import CIRCUMSTANCES, DATA, IDENTIFYING, NONE, Factors, decimal, read_factors
from web.console.breach_acts import MENU, OF_BREACH, breach_of, done, page_of_breach
from web.declaring import READS, WORKS, Act, Asked, Done, Page
from web.fields import pick, tick, ticks, words
from web.forms import Given

LEVELS = {kind: tuple((str(at), f"{at}: {said}") for at, said in levels.items()) for kind, levels in DATA.items()}
EASE = tuple((decimal(value), f"{decimal(value)}: {said}") for value, said in IDENTIFYING.items())
HOW = {name: tuple((decimal(value), f"{decimal(value)}: {said}") for value, said in values.items())
       for name, values in CIRCUMSTANCES.items()}  # fmt: skip


class Assess(BaseModel):
    simple: str | None = pick("Simple data, such as a name or an address: its level", LEVELS["simple"], optional=True)
    behavioural: str | None = pick(
        "Behavioural data, such as location or habits: its level", LEVELS["behavioural"], optional=True
    )
    financial: str | None = pick("Financial data: its level", LEVELS["financial"], optional=True)
    sensitive: str | None = pick("Sensitive data, such as health: its level", LEVELS["sensitive"], optional=True)
    ease: tuple[str, ...] = ticks(
        "How easily is somebody identified by it?", EASE, missing="Tick how easily somebody is identified"
    )
    confidentiality: str | None = pick("Confidentiality", HOW["confidentiality"], optional=True)
    integrity: str | None = pick("Integrity", HOW["integrity"], optional=True)
    availability: str | None = pick("Availability", HOW["availability"], optional=True)
    intent: str | None = pick("Intent", HOW["intent"], optional=True)
    no_circumstance: bool = tick("None of these four circumstances applies", optional=True)
    because: str | None = words("Where the factors are corrected: why?", optional=True, rows=2, longest=2000)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not self.named(DATA):
            raise ValueError("Choose a level for at least one kind of data")
        if bool(self.named(CIRCUMSTANCES)) is self.no_circumstance:
            raise ValueError("Choose the circumstances that apply, or tick that none of the four does: one of the two")
        return self

    def named(self, names: Mapping[str, object]) -> list[str]:
        return [f"{name}={value}" for name in names if (value := getattr(self, name))]

    def factors(self) -> Factors:
        return read_factors(self.named(DATA), self.ease, self.named(CIRCUMSTANCES) or [NONE])


def _assess(asked: Asked, given: Assess) -> Done:
    assess(asked.session, asked.now, asked.place["breach"], given.factors(), asked.caller.by, given.because)
    asked.session.flush()
    scored = severity_line(fact_lines(asked.session, breach_of(asked)))
    assert scored is not None
    flags = f" Weigh beside it: {', '.join(scored.flags)}." if scored.flags else ""
    return done(asked, f"{scored.score}, {scored.band}. {scored.because}{flags}", score=scored.score, band=scored.band,
                flags=scored.flags)  # fmt: skip


def _start(asked: Asked) -> Mapping[str, Any]:
    kept = facts_of(asked.session, breach_of(asked)).get(FactName.FACTORS)
    if not isinstance(kept, Mapping):
        return {}
    return {**kept["dpc"], "ease": list(dict.fromkeys(kept["ei"])), **kept["cb"], "no_circumstance": not kept["cb"]}


def _before(asked: Asked, given: Given | None) -> Mapping[str, Any]:
    """With the second button, what the answers come to; nothing is kept."""
    breach = breach_of(asked)
    facts = facts_of(asked.session, breach)
    return {
        "back": page_of_breach(breach.id or 0), "back_to": f"Breach {breach.id}",
        "scored": _scored(given, facts.get(FactName.PEOPLE), facts.get(FactName.UNINTELLIGIBLE)) if given else None,
    }  # fmt: skip


def _scored(given: Given, people: Any, unintelligible: Any) -> Any:
    try:
        factors = Assess.model_validate(dict(given.values)).factors()
    except (Refused, ValidationError):
        return None
    people = people if isinstance(people, int) else None
    return severity(factors, people, unintelligible if isinstance(unintelligible, bool) else None)


def _computed(asked: Asked) -> dict[str, object]:
    """From factors in the address, such as `?sensitive=4&ease=0.75&intent=0.5`; without any, what they mean."""
    query = asked.query
    shown: dict[str, object] = {"levels": LEVELS, "ease": EASE, "how": HOW, "given": dict(query), "problem": "",
                                "scored": None}  # fmt: skip
    if not any(query.get(name) for name in (*DATA, *CIRCUMSTANCES, "ease")):
        return shown
    try:
        data, cb = ([f"{name}={query[name]}" for name in names if query.get(name)] for names in (DATA, CIRCUMSTANCES))
        people = query.get("people", "").strip()
        number = int(people) if people.isascii() and people.isdigit() and len(people) < 10 else None
        found = severity(read_factors(data, [query["ease"]] if query.get("ease") else [], cb or [NONE]), number)
    except Refused as wrong:
        return shown | {"problem": str(wrong)}
    return shown | {
        "scored": {"score": found.score, "band": found.band.value, "because": found.because, "flags": found.flags}
    }


PAGES = (
    Page(path="/console/severity", title="How severe is it?", who=READS, read=_computed, in_menu=MENU,
         template="console/breach_severity.html"),
)  # fmt: skip
ACTS = (
    Act(path=f"{OF_BREACH}/assess", title="Record how severe it is", who=WORKS, do=_assess, fields=Assess,
        button="Record the factors", preview="Compute the score", before=_before, start=_start, command="breach assess",
        template="console/breach_assess.html", in_menu=MENU,
        title_of=lambda asked: f"How severe is breach {breach_of(asked).id}?",
        words="The score is advice; what it means for the people, a person concludes for each party."),
)  # fmt: skip
