"""The answers about one issue of a complaint as a file: YAML or JSON, read whole or refused whole, with the line of
every fault.

Its keys: `covered`, `followed`, `clear`, `harm`, each with `answer`, `because`, `evidence` and `reference`; and
`clause`, `version`, `party`, `issue`.
"""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from pydantic import Field

from actions.complaints.answering import LONGEST_REFERENCE, Answered, Given
from actions.complaints.narratives import NotReadable
from models.protocol_file.faults import BadProtocolFile, Fault, shown
from models.protocol_file.nodes import LARGEST_FILE, Node, nodes_in, read_nodes
from models.protocol_file.translating import read_model
from models.protocol_file.values import Label, Model, Slug, check
from rules.determination import Answer, Evidence, Question
from rules.texts import is_text

STANDARD_INPUT = "-"
NOT_TEXT = "text in UTF-8"  # what `read_nodes` expects of a picture

Because = Annotated[str, check(lambda text: bool(text) and is_text(text), "why it is answered so, in words")]
Reference = Annotated[str, Field(min_length=1, max_length=LONGEST_REFERENCE)]


class BadAnswersFile(BadProtocolFile):
    """The file is refused whole, before anything is written. One fault a line, by line."""


class AnswerEntry(Model):
    answer: Answer
    because: Because
    evidence: Evidence = Evidence.STATEMENT
    reference: Reference | None = None


class AnswersEntry(Model):
    """`followed` and `clear` are left out where no clause covers it."""

    issue: Annotated[str, Field(min_length=1)] | None = None
    clause: Annotated[str, Field(min_length=1, max_length=60)] | None = None
    version: Label | None = None
    party: Slug | None = None
    covered: AnswerEntry
    followed: AnswerEntry | None = None
    clear: AnswerEntry | None = None
    harm: AnswerEntry


def read_answers_file(path: Path) -> tuple[Given, str | None]:
    """The answers, and which issue they are about. The path “-” reads standard input.

    Raises BadAnswersFile, NotReadable.
    """
    file, (tree, faults) = _tree(path)
    if any(fault.expected == NOT_TEXT for fault in faults):
        raise NotReadable
    if tree is None or not isinstance(tree.value, dict):
        raise BadAnswersFile(faults or [Fault(file, 1, shown(tree.value if tree else None), "a mapping")])
    read, wrong = read_model(AnswersEntry, file, tree)
    faults = [*(replace(each, file=file) for each in faults), *wrong, *_not_asked(file, tree)]
    if read is None or faults:
        raise BadAnswersFile(faults)
    given = Given(
        covered=_answered(read.covered), harm=_answered(read.harm),
        followed=_answered(read.followed) if read.followed else None,
        clear=_answered(read.clear) if read.clear else None,
        clause=read.clause, version=read.version, party=read.party,
    )  # fmt: skip
    return given, read.issue


def _tree(path: Path) -> tuple[str, tuple[Node | None, list[Fault]]]:
    if str(path) == STANDARD_INPUT:
        return "standard input", nodes_in("standard input", sys.stdin.buffer.read(LARGEST_FILE + 1))
    tree, faults = read_nodes(path.parent, path.name)
    return str(path), (tree, [replace(each, file=str(path)) for each in faults])


def _not_asked(file: str, tree: Node) -> Iterator[Fault]:
    """What the table refuses too, with its line."""
    covered = tree.value.get(Question.COVERED.value)
    answer = covered.value.get("answer") if covered is not None and isinstance(covered.value, dict) else None
    for question in (Question.FOLLOWED, Question.CLEAR):
        if answer is None:
            return
        if answer.value == Answer.NO and question.value in tree.value:
            line = tree.keys[question.value]
            yield Fault(file, line, f"the key '{question}'", "no such key where no clause covers it")
        if answer.value == Answer.YES and question.value not in tree.value:
            yield Fault(file, tree.line, f"no '{question}'", f"the key '{question}', because a clause covers it")


def _answered(entry: AnswerEntry) -> Answered:
    return Answered(
        answer=entry.answer, because=entry.because, evidence=entry.evidence, reference=entry.reference
    )  # fmt: skip
