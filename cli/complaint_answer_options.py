"""The options that the four answers are given with: each with its reason, what it rests on, and where that is."""

from pathlib import Path
from typing import Annotated, Any

import typer

Text = str | None
ANSWERS = "yes|no|unknown"
EVIDENCE = "clause|record|follow-up|statement"


def _answer(question: str, asked: str) -> Any:
    return typer.Option(f"--{question}", metavar=ANSWERS, help=asked)


def _why(question: str) -> Any:
    return typer.Option(f"--why-{question}", metavar="TEXT|@FILE", help=f"Why “{question}” is answered so.")


def _evidence(question: str) -> Any:
    return typer.Option(f"--evidence-{question}", metavar=EVIDENCE, help="What that rests on; otherwise a statement.")


def _reference(question: str) -> Any:
    return typer.Option(f"--reference-{question}", metavar="REF", help="Which clause, record or follow-up that is.")


Covered = Annotated[Text, _answer("covered", "Does a clause that was in force then cover it?")]
WhyCovered = Annotated[Text, _why("covered")]
EvidenceCovered = Annotated[Text, _evidence("covered")]
ReferenceCovered = Annotated[Text, _reference("covered")]
Followed = Annotated[Text, _answer("followed", "Was that clause followed? Left out where none covers it.")]
WhyFollowed = Annotated[Text, _why("followed")]
EvidenceFollowed = Annotated[Text, _evidence("followed")]
ReferenceFollowed = Annotated[Text, _reference("followed")]
Clear = Annotated[Text, _answer("clear", "Is the clause clear? Left out where none covers it.")]
WhyClear = Annotated[Text, _why("clear")]
EvidenceClear = Annotated[Text, _evidence("clear")]
ReferenceClear = Annotated[Text, _reference("clear")]
Harm = Annotated[Text, _answer("harm", "Was there harm, or is the complaint upheld?")]
WhyHarm = Annotated[Text, _why("harm")]
EvidenceHarm = Annotated[Text, _evidence("harm")]
ReferenceHarm = Annotated[Text, _reference("harm")]
Clause = Annotated[Text, typer.Option("--clause", metavar="CLAUSE", help="The clause that covers it.")]
Version = Annotated[
    Text, typer.Option("--version", metavar="LABEL", help="The version it is read in; otherwise the complaint's.")
]
Whose = Annotated[
    Text, typer.Option("--party", metavar="PARTY", help="Whose doing it was; otherwise whom the complaint is about.")
]
Issue = Annotated[
    Text, typer.Option("--issue", metavar="TEXT", help="Which issue it is, where a complaint has several.")
]
File = Annotated[
    Path | None,
    typer.Option("--file", metavar="FILE", help="A file with the answers, “-” for standard input; instead of options."),
]
Agrees = Annotated[str, typer.Argument(metavar="agree|disagree", help="Whether you find the same.")]
