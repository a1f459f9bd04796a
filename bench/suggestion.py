"""How often the right clause is suggested, beside the constant guess and plain BM25; and what a suggestion costs.

Leave-one-out on the labelled cases: whatever learns, learns from the other 28. All other cases are answered from
those 29. Few cases: the column of the spread says how little the second figure behind the point is worth.
"""

import json
import random
import statistics
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import protocols
from actions.complaints.clause_index import Index, bag_of
from actions.complaints.passages import Passages
from actions.complaints.suggested import Earlier
from actions.complaints.suggesting import suggest
from actions.complaints.suggesting_from_file import clauses_in, outside_in
from models.protocol_file import ProtocolFile, read_protocol

BEDFORDSHIRE = Path(protocols.__file__).parent / "bedfordshire"
CASES = Path(__file__).parents[1] / "tests" / "complaints"
RESAMPLED, SEED = 2000, 20150901


class Case(NamedTuple):
    """`clause` is None where no clause governs it; `also`: others that a reader could accept."""

    id: str
    narrative: str
    label: str
    clause: str | None
    also: tuple[str, ...]

    @property
    def acceptable(self) -> tuple[str, ...]:
        return (self.clause, *self.also) if self.clause else self.also


class Answer(NamedTuple):
    clauses: tuple[str, ...]
    none: bool


class Figures(NamedTuple):
    """Shares from 0 to 1: the main clause among three; every acceptable one among four, averaged by clause; uncovered
    cases recognised; covered ones taken for uncovered."""

    main_in_3: float
    recall_in_4: float
    none_known: float
    false_alarms: float


Answering = Callable[[Case, Sequence[Case]], Answer]  # a case, and those that may be learnt from


def run(repeats: int = 5) -> list[dict[str, Any]]:
    """The table of hit rates, then the cost: milliseconds a narrative, seconds and megabytes to begin with."""
    file, cases = read_protocol(BEDFORDSHIRE), read_cases("cases.jsonl")
    ways = answering(file)
    rows = [_row(f"{way}, leave-one-out", left_out(cases, ask)) for way, ask in ways.items()]
    for what, others in others_by_name().items():
        rows += [_row(f"{way}, {what}", [(case, ask(case, cases)) for case in others]) for way, ask in ways.items()]
    return [*rows, *costs(repeats)]


def costs(repeats: int) -> list[dict[str, Any]]:
    """Of a narrative, and of the beginning."""
    return [_cost(read_protocol(BEDFORDSHIRE), read_cases("cases.jsonl"), repeats), _beginning(repeats)]


def read_cases(name: str) -> list[Case]:
    read = (json.loads(line) for line in (CASES / name).read_text("utf-8").splitlines())
    return [Case(c["id"], c["narrative"], c["label"], c["clause"], tuple(c["also"])) for c in read]


def others_by_name() -> dict[str, list[Case]]:
    """Those that are answered from the 29. Of the invented ones the odd were looked at to find words, the even not."""
    invented = read_cases("third_cases.jsonl")
    return {
        "further cases": read_cases("further_cases.jsonl"),
        "invented, looked at": invented[::2],
        "invented, held out": invented[1::2],
        "published, held out": read_cases("fourth_cases.jsonl"),
    }


def earlier(cases: Iterable[Case]) -> list[Earlier]:
    return [Earlier(c.id, c.narrative, c.acceptable, c.label, c.clause is not None) for c in cases]


def left_out(cases: Sequence[Case], ask: Answering) -> list[tuple[Case, Answer]]:
    return [(case, ask(case, [other for other in cases if other.id != case.id])) for case in cases]


def answering(file: ProtocolFile) -> dict[str, Answering]:
    text = Passages([bag_of(f"{c.heading} {c.text}") for c in clauses_in(file)])
    keys = [clause.id for clause in file.clauses]

    def scored(case: Case) -> list[tuple[float, str]]:
        return sorted(zip((-s for s in text.scores(bag_of(case.narrative))), keys, strict=True))

    def bm25(case: Case, known: Sequence[Case]) -> Answer:
        ranked = scored(case)
        least = _threshold([(-scored(other)[0][0], other.clause is not None) for other in known])
        return Answer(tuple(key for _, key in ranked), -ranked[0][0] < least)

    @lru_cache(maxsize=1)  # cases that are all answered from the same ones need it once
    def index_of(known: tuple[Case, ...]) -> Index:
        return Index(clauses_in(file), outside_in(file), earlier(known))

    def ours(case: Case, known: Sequence[Case]) -> Answer:
        found = suggest(index_of(tuple(known)), case.narrative)
        return Answer(tuple(each.id for each in found.clauses), found.none_likely)

    return {"ours": ours, "ours, no earlier case": lambda case, _: ours(case, []), "constant": constant, "BM25": bm25}


def constant(_: Case, known: Sequence[Case]) -> Answer:
    """The clauses that govern most of the other cases; never “none”."""
    main, also = Counter(c.clause for c in known if c.clause), Counter(key for c in known for key in c.also)
    return Answer(tuple(sorted({*main, *also}, key=lambda key: (-main[key], -also[key], key))), none=False)


def _threshold(known: Sequence[tuple[float, bool]]) -> float:
    """The best score below which the other cases are best taken for uncovered."""
    covered = sum(is_covered for _, is_covered in known) or 1
    uncovered = len(known) - covered or 1

    def gain(least: float) -> float:
        below = [is_covered for score, is_covered in known if score < least]
        return below.count(False) / uncovered - below.count(True) / covered

    return max(sorted(score for score, _ in known), key=gain)


def figures(answered: Sequence[tuple[Case, Answer]]) -> Figures:
    among: dict[str, list[bool]] = defaultdict(list)
    for case, answer in answered:
        for clause in case.acceptable:
            among[clause].append(clause in answer.clauses[:4])
    covered = [(case.clause, answer) for case, answer in answered if case.clause]
    return Figures(
        main_in_3=_share(clause in answer.clauses[:3] for clause, answer in covered),
        recall_in_4=statistics.fmean([_share(hits) for hits in among.values()] or [0.0]),
        none_known=_share(answer.none for case, answer in answered if not case.clause),
        false_alarms=_share(answer.none for _, answer in covered),
    )


def _share(hits: Iterable[bool]) -> float:
    return statistics.fmean([float(hit) for hit in hits] or [0.0])


def spread(answered: Sequence[tuple[Case, Answer]]) -> dict[str, str]:
    """Of each figure, where 90 % of bootstrap samples of the same cases lie."""
    choose = random.Random(SEED)
    samples = [figures(choose.choices(answered, k=len(answered))) for _ in range(RESAMPLED)]
    cut = [statistics.quantiles(values, n=20) for values in zip(*samples, strict=True)]
    return {f"{name}_90": f"{q[0]:.2f} to {q[-1]:.2f}" for name, q in zip(Figures._fields, cut, strict=True)}


def _row(what: str, answered: Sequence[tuple[Case, Answer]]) -> dict[str, Any]:
    ranges = spread(answered)
    shown = {name: f"{value:.2f} ({ranges[f'{name}_90']})" for name, value in figures(answered)._asdict().items()}
    return {"bench": "suggestion", "what": f"{what} ({len(answered)})", **shown}


def _cost(file: ProtocolFile, cases: Sequence[Case], repeats: int) -> dict[str, Any]:
    index = Index(clauses_in(file), outside_in(file), earlier(cases))
    took = []
    for _ in range(repeats):
        began = time.perf_counter()
        for case in cases:
            suggest(index, case.narrative)
        took.append((time.perf_counter() - began) / len(cases))
    return {"bench": "suggestion", "what": "one narrative, index ready", "seconds": statistics.median(took)}


def _beginning(repeats: int) -> dict[str, Any]:
    if not Path("/proc/self/status").exists():
        return {"bench": "suggestion", "what": "imports and index: not measured, memory is read from Linux' /proc"}
    done = [
        subprocess.run([sys.executable, "-m", "bench._suggestion_start"], capture_output=True, text=True, check=True)
        for _ in range(repeats)
    ]
    seconds, megabytes = zip(*(map(float, each.stdout.split()) for each in done), strict=True)
    return {
        "bench": "suggestion", "what": "imports and index of 26 clauses and 29 cases",
        "seconds": statistics.median(seconds), "more_megabytes": statistics.median(megabytes),
    }  # fmt: skip
