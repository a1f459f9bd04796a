"""What a party still has to do before its follow-up can end. UK GDPR art. 33(5): the record shows facts, effects and
remedial action, of every breach."""

from collections.abc import Iterator
from datetime import datetime

from sqlmodel import Session

from actions.breaches.affecting import standing_holds
from actions.breaches.facts import facts_of
from actions.breaches.learning import lessons_of
from actions.breaches.notifying import differs_from_notice
from actions.breaches.statutory import open_duties_of
from actions.breaches.steps import standing_of
from models import history
from models.breach import Breach, FollowUp
from models.protocol import Party
from rules.breach_duties import DutyKind
from rules.breach_facts import UNKNOWN, FactName
from rules.errors import Refused
from rules.sentences import listed

DOCUMENTED = (FactName.HAPPENED, FactName.CONSEQUENCES, FactName.DONE)
COMMANDS = {
    DutyKind.REGULATOR: "concordat breach notify {} --at WHEN",
    DutyKind.CONTROLLER: "concordat breach notify {} --at WHEN",
    DutyKind.PEOPLE: "concordat breach people {} --told-at WHEN --how TEXT",
    DutyKind.PARTNERS: "concordat breach partners {} --told-at WHEN",
}


class StillToDo(Refused):
    """`todo` holds a clause for each thing."""

    def __init__(self, breach: Breach, party: Party, todo: list[str]) -> None:
        self.todo = todo
        super().__init__(
            f"The follow-up of breach {breach.id} at {party.name} cannot end yet. Still to do: {'; '.join(todo)}."
        )


def still_to_do(
    session: Session, breach: Breach, follow_up: FollowUp, party: Party, no_supplement: bool = False
) -> list[str]:
    """Each with the command that does it. Empty: the follow-up can end. `no_supplement`: somebody says why none."""
    of = f"{breach.id} {party.slug}"
    supplement = [] if no_supplement else _supplement(session, breach, follow_up, of)
    return [*_to_do(session, breach, follow_up, of), *supplement]


def _supplement(session: Session, breach: Breach, follow_up: FollowUp, of: str) -> Iterator[str]:
    if differing := differs_from_notice(session, breach, follow_up):
        yield (
            f"a supplement to the notice, which differs in {listed(differing)} (`concordat breach notify {of} --at "
            f"WHEN`), or why none is given (`concordat breach finish {of} --no-supplement-because TEXT`)"
        )


def _to_do(session: Session, breach: Breach, follow_up: FollowUp, of: str) -> Iterator[str]:
    if follow_up.assessed_at is None:
        yield f"conclude how likely a risk to people is (`concordat breach conclude {of} RISK --because TEXT`)"
    if steps := standing_of(session, breach, follow_up).pending:
        named = listed([f"“{step}”" for step in steps])
        yield f"the procedure's steps {named} (`concordat breach step {of} STEP --outcome TEXT`)"
    for duty in open_duties_of(session, follow_up):
        yield f"the duty “{duty.kind}”, done or not required because (`{COMMANDS[duty.kind].format(of)}`)"
    if unstated := _unstated(session, breach):
        yield f"state {listed(unstated)} (UK GDPR art. 33(5); `concordat breach fact {breach.id} NAME=VALUE`)"
    if standing_holds(session, follow_up):
        yield f"release your hold on letters (`concordat breach hold {of} --release --because TEXT`)"
    if not lessons_of(session, follow_up):
        yield (
            "record what was learnt, or that nothing changes and why "
            f"(`concordat breach lesson {of} --cause TEXT --words TEXT --effect EFFECT`)"
        )


def _unstated(session: Session, breach: Breach) -> list[str]:
    facts = facts_of(session, breach)
    return [f"“{name}”" for name in DOCUMENTED if facts.get(name, UNKNOWN) in (UNKNOWN, "")]


def leave_the_notice(session: Session, now: datetime, breach: Breach, follow_up: FollowUp, by: str, why: str) -> None:
    """What has become known since the last notice is not given to whoever had it, and why."""
    if differing := differs_from_notice(session, breach, follow_up):
        slug = session.get_one(Party, follow_up.party_id).slug
        history.write(session, breach.case, now, by, "no supplement", why=why, party=slug, differing=list(differing))
