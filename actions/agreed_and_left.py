"""What a party agreed to put in place ends when it leaves the protocol; the secretary is asked who does it now."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from actions.matters import open_matter
from models.obligation import Obligation, ObligationKind
from models.protocol import MatterKind, Party, Protocol
from rules.sentences import listed

NAMED = 3  # cases in the sentence; the others are counted


def ask_who_puts_in_place(
    session: Session, now: datetime, protocol: Protocol, party: Party, ended: Sequence[Obligation]
) -> None:
    """One matter for all local actions among what has ended with its leaving; none where there were none."""
    actions = [duty for duty in ended if duty.kind is ObligationKind.LOCAL_ACTION]
    if not actions:
        return
    cases = list(dict.fromkeys(duty.case for duty in actions))
    named = [case.replace(":", " ") for case in cases[:NAMED]]
    named += [f"{len(cases) - NAMED} more"] if len(cases) > NAMED else []
    ends = "ends a local action" if len(actions) == 1 else f"end {len(actions)} local actions"
    of_a_breach = any(case.startswith("breach:") for case in cases)
    open_matter(
        session, now, protocol, MatterKind.BREACH if of_a_breach else MatterKind.COMPLAINT,
        f"left:{party.slug}:local-actions",
        f"{party.name} has left, and with it {ends} that it had agreed after {listed(named)}.",
        f"See what was agreed with `concordat trace {cases[0]}`. Give it to whoever goes on with the work, or say "
        "why nothing changes: `concordat matter close NUMBER --because TEXT`.",
    )  # fmt: skip
