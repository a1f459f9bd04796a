"""Where the secretary answers for somebody: the page of the command that ends a duty of that kind."""

from actions.breaches.asking_lessons import FINISH
from actions.listing import DutyLine
from models.obligation import ObligationKind
from web.commands import page_of_command

# The duty's case is “breach:7”: `n` is its number. Where a party answers, it is named; a subject is what it is about;
# `duty` is the obligation itself.
COMMANDS = {
    ObligationKind.FEEDBACK: "review feedback {n} {party}",
    ObligationKind.DRAFTING: "review show {n}",
    ObligationKind.ADVICE: "proposal advise {about}",
    ObligationKind.DECISION: "review show {n}",
    ObligationKind.SIGNATURE: "version sign {about} {party}",
    ObligationKind.CONFIRMATION: "confirm {n} {party}",
    ObligationKind.IMPLEMENTATION: "confirm {n} {party}",
    ObligationKind.ASSESSMENT: "breach show {n}",
    ObligationKind.STEP: "breach step {n} {party} {about}",
    ObligationKind.NOTICE: "breach notify {n} {party}",
    ObligationKind.TELLING_PEOPLE: "breach people {n} {party}",
    ObligationKind.TELLING_PARTNERS: "breach show {n}",
    ObligationKind.HOLD: "breach hold {n} {party}",
    ObligationKind.LEARNING: "breach lesson {n} {party}",
    ObligationKind.ACKNOWLEDGEMENT: "complaint acknowledge {n}",
    ObligationKind.PROGRESS: "complaint progress {n}",
    ObligationKind.ANALYSIS: "complaint determine {n}",
    ObligationKind.SECOND_READING: "complaint show {n}",
    ObligationKind.RECHECK: "complaint show {n}",
}

# What a party agreed to put in place, after which kind of case.
LOCAL_ACTIONS = {"breach": "breach action {duty}", "complaint": "complaint done {duty}"}


def page_on_behalf(line: DutyLine, subject: str | None = None) -> tuple[str, str] | None:
    """Address and title; None where no page answers that kind."""
    kind, (case, _, number) = ObligationKind(line.kind), line.case.partition(":")
    command = LOCAL_ACTIONS.get(case) if kind is ObligationKind.LOCAL_ACTION else COMMANDS.get(kind)
    if line.what == FINISH:
        command = "breach finish {n} {party}"
    if command is None:
        return None
    about = (subject or "").rpartition(":")[2] or "SUBJECT"
    return page_of_command(command.format(n=number, party=line.party or "PARTY", about=about, duty=line.number))
