"""The severity as advice: ENISA's factors with what each means, the score shown before anything is recorded."""

from collections.abc import Iterator, Mapping
from typing import Any, Self

from pydantic import BaseModel, model_validator

from actions.breaches.concluding import assess
from actions.breaches.facts import facts_of
from actions.reasons import ReasonNeeded
from rules.breach_facts import FactName
from rules.severity import Severity, severity
from rules.severity_factors import CIRCUMSTANCES, DATA, IDENTIFYING, NONE, Factors, decimal, read_factors
from web.declaring import PARTIES, Act, Asked, Done
from web.fields import choice, words
from web.forms import Given
from web.parties.breach_own import AtField, Mine, own_follow_up, recorded, worded

NOT_THERE, NOT_SO = ("none", "No such data"), ("none", "Does not apply")


def _levels(kind: str) -> list[tuple[str, str]]:
    return [NOT_THERE, *((str(level), f"{level}: {meaning}") for level, meaning in DATA[kind].items())]


def _values(name: str) -> list[tuple[str, str]]:
    return [
        NOT_SO,
        *((decimal(value), f"{decimal(value)}: {meaning}") for value, meaning in CIRCUMSTANCES[name].items()),
    ]


class Assess(BaseModel):
    """One question for each factor; the fields have the factors' own names."""

    simple: str = choice("Simple data, such as names and addresses", _levels("simple"))
    behavioural: str = choice("Behavioural data, such as where somebody goes", _levels("behavioural"))
    financial: str = choice("Financial data", _levels("financial"))
    sensitive: str = choice("Sensitive data, such as health or safeguarding", _levels("sensitive"))
    identification: str = choice(
        "How easily can somebody be identified from it?",
        [(decimal(value), f"{decimal(value)}: {meaning}") for value, meaning in IDENTIFYING.items()],
    )  # fmt: skip
    confidentiality: str = choice("Who may have seen it?", _values("confidentiality"))
    integrity: str = choice("Was it changed?", _values("integrity"))
    availability: str = choice("Was it lost?", _values("availability"))
    intent: str = choice("Was it done on purpose?", _values("intent"))
    because: str | None = words(
        "Why has it changed?", hint="Needed where a score was recorded before.", optional=True, rows=3
    )

    @model_validator(mode="after")
    def _of_some_kind(self) -> Self:
        if all(getattr(self, kind) == NONE for kind in DATA):
            raise ValueError("At least one of the four kinds of data is concerned: choose its level")
        return self


def _factors(values: Mapping[str, Any]) -> Factors:
    dpc = [f"{kind}={values[kind]}" for kind in DATA if values[kind] != NONE]
    cb = [f"{name}={values[name]}" for name in CIRCUMSTANCES if values[name] != NONE]
    return read_factors(dpc, [values["identification"]], cb or [NONE])


def _do(asked: Asked, given: Assess) -> Done:
    mine, factors = own_follow_up(asked), _factors(given.model_dump())
    try:
        assess(asked.session, asked.now, mine.number, factors, asked.caller.by, given.because)
    except ReasonNeeded:
        raise AtField("because", "Say why the severity has changed: a correction is recorded with its reason") from None
    found = _scored(asked, mine, factors)
    return recorded(mine, f"The severity is recorded: {found.score}, {found.band}. It is advice.")


def _scored(asked: Asked, mine: Mine, factors: Factors) -> Severity:
    facts = facts_of(asked.session, mine.breach)
    people, unreadable = facts.get(FactName.PEOPLE), facts.get(FactName.UNINTELLIGIBLE)
    return severity(
        factors, people if isinstance(people, int) else None, unreadable if isinstance(unreadable, bool) else None
    )


def _before(asked: Asked, given: Given | None) -> Mapping[str, Any]:
    """What the answers so far come to, without recording anything."""
    mine = own_follow_up(asked)
    values = given.values if given is not None and not given.errors else None
    return {
        "mine": mine, "said": (), "ended": mine.follow_up.ended_at is not None, "fact": None,
        "score": _scored(asked, mine, _factors(values)) if values and set(_names()) <= set(values) and _some(values)
        else None,
    }  # fmt: skip


def _some(values: Mapping[str, Any]) -> bool:
    return any(values[kind] != NONE for kind in DATA)


def _names() -> Iterator[str]:
    return (name for name in Assess.model_fields if name != "because")


def _start(asked: Asked) -> Mapping[str, Any]:
    """As it was recorded, to be corrected."""
    kept = facts_of(asked.session, own_follow_up(asked).breach).get(FactName.FACTORS)
    if not isinstance(kept, Mapping):
        return {}
    dpc, ei, cb = kept["dpc"], kept["ei"], kept["cb"]
    start = {kind: str(dpc.get(kind, NONE)) for kind in DATA} | {name: cb.get(name, NONE) for name in CIRCUMSTANCES}
    return start | {"identification": max(ei)}


ACTS = (
    Act(path="/party/breaches/{breach:int}/severity", title="How severe is the breach?", who=PARTIES, fields=Assess,
        do=worded(_do), start=_start, before=_before, template="parties/breach_severity.html",
        button="Record the score",
        preview="Show the score first", in_menu="/party",
        words="A score by the method of ENISA, the European agency for network security. It is advice: what it means "
        "for the people, a person concludes."),
)  # fmt: skip
