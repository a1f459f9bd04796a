"""The other turns a breach can take, told in chapters as the referral is.

Two reports turn out to be one event; a code is replaced; a procedure gets a new version in the middle; the breach
concerns one party more and one fewer; a party acts under another Act, and another leaves; it is closed, goes on, and
ends as a near miss.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlmodel import Session

import protocols
from actions.breaches.affecting import affect, not_affected
from actions.breaches.awareness import record_awareness
from actions.breaches.closing import close, end_early, finish_follow_up, reopen
from actions.breaches.concluding import conclude
from actions.breaches.merging import merge
from actions.breaches.partners import partners_told
from actions.breaches.procedures import keep_procedures
from actions.breaches.regime import set_regime
from actions.breaches.reporters import ENTROPY, WrongReferenceOrCode, reader_of, replace_code
from actions.breaches.reporting import Report, report_breach
from actions.cast import party_named, protocol_named
from actions.membership import leave
from models.breach import Breach, BreachOutcome, ReporterKind
from models.procedure_file import read_procedure
from rules.breach import Stage
from rules.breach_duties import Capacity, Regime, Risk
from rules.breach_facts import FactName
from rules.codes import code_from, reference_from
from tests.actions.breach_world import done_with
from tests.breach_story import COUNCIL, FRIDAY, POLICE, Chapter

FIRST, SECOND = 1, 2
BEDFORD, FIRE, LUTON = "bedford-borough-council", "bedfordshire-fire-and-rescue-service", "luton-borough-council"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
COUNCILS = Path(protocols.__file__).parent / "bedfordshire" / "procedures" / "council.yaml"
OLD_CODE, NEW_CODE = (code_from(bytes([letter]) * ENTROPY) for letter in (1, 2))


def reported_once(session: Session, now: datetime) -> None:
    _report(session, now, "first", 1, COUNCIL, FIRE)


def reported_again(session: Session, now: datetime) -> None:
    _report(session, now, "second", 3, COUNCIL, POLICE, LUTON)


def _report(session: Session, now: datetime, key: str, drawn: int, *slugs: str) -> None:
    report = Report(
        facts={FactName.HAPPENED: "A list went to the wrong address.", FactName.PARTIES: list(slugs),
               FactName.PEOPLE: 2},
        reporter_kind=ReporterKind.ANONYMOUS, key=key,
    )  # fmt: skip
    of = protocol_named(session, "bedfordshire")
    report_breach(session, now, of, report, "reporter", entropy=lambda length: bytes([drawn]) * length)


def both_are_aware(session: Session, now: datetime) -> None:
    for number, slug, hours in ((FIRST, COUNCIL, 2), (SECOND, COUNCIL, 1), (SECOND, POLICE, 2)):
        at, why = FRIDAY + hours * HOUR, "They rang."
        record_awareness(session, now, number, slug, at, "data protection officer", "secretary", why)


def code_is_replaced(session: Session, now: datetime) -> None:
    """Whoever got no answer finds the old code refused, and nothing replaced a second time."""
    reference = reference_from(bytes([1]) * ENTROPY, FRIDAY.year)
    try:
        replace_code(session, now, reference, OLD_CODE, lambda length: bytes([2]) * length)
    except WrongReferenceOrCode:
        reader_of(session, reference, NEW_CODE)


def they_are_one(session: Session, now: datetime) -> None:
    merge(session, now, SECOND, FIRST, "secretary", "It is one list.")


def councils_get_a_new_procedure(session: Session, now: datetime) -> None:
    procedure = read_procedure(COUNCILS)
    newer = replace(procedure, version=procedure.version + 1)
    keep_procedures(session, now, protocol_named(session, "bedfordshire"), [newer], "secretary")


def one_more_is_concerned(session: Session, now: datetime) -> None:
    affect(session, now, FIRST, BEDFORD, "secretary", "Its residents are on the list.")


def one_fewer_is_concerned(session: Session, now: datetime) -> None:
    not_affected(session, now, FIRST, LUTON, "secretary", "None of its residents are.")


def police_act_for_other_purposes(session: Session, now: datetime) -> None:
    set_regime(
        session, now, FIRST, POLICE, Regime.UK_GDPR, Capacity.CONTROLLER, "secretary", "It was a staff list."
    )  # fmt: skip


def fire_becomes_a_processor(session: Session, now: datetime) -> None:
    why = "It keeps the list for the council."
    set_regime(session, now, FIRST, FIRE, Regime.UK_GDPR, Capacity.PROCESSOR, "secretary", why)


def police_leave(session: Session, now: datetime) -> None:
    leave(session, now, party_named(session, protocol_named(session, "bedfordshire"), POLICE), "secretary", "Merged.")


def all_is_done(session: Session, now: datetime) -> None:
    if session.get_one(Breach, FIRST).stage is Stage.CLOSED:
        return
    parties = (COUNCIL, FIRE, BEDFORD)
    record_awareness(session, now, FIRST, BEDFORD, now, "data protection officer", "secretary", "They were told.")
    not_affected(session, now, FIRST, FIRE, "secretary", "It has no list at all.")
    done_with(session, FIRST, now, *(slug for slug in parties if slug != FIRE))
    for slug in (COUNCIL, BEDFORD):  # whose procedure asks that the partners are told
        partners_told(session, now, FIRST, slug, now, "secretary")
        finish_follow_up(session, now, FIRST, slug, "secretary")
    close(session, now, FIRST, "secretary")


def it_goes_on(session: Session, now: datetime) -> None:
    """Told again after its end it would begin anew: whoever got no answer looks first."""
    if session.get_one(Breach, FIRST).outcome is BreachOutcome.FOLLOWED_UP:
        reopen(session, now, FIRST, "secretary", "A second list was found.")


def nobody_read_it(session: Session, now: datetime) -> None:
    """Whoever has not concluded anything after the 72 hours concludes first."""
    if session.get_one(Breach, FIRST).stage is not Stage.CLOSED:
        for slug in (COUNCIL, BEDFORD):
            conclude(session, now, FIRST, slug, Risk.UNLIKELY, "secretary", "Nobody can have read it.")
    end_early(session, now, FIRST, BreachOutcome.NEAR_MISS, "secretary", "The address does not exist.")


TURNS: tuple[Chapter, ...] = (
    ("reported once", FRIDAY, reported_once),
    ("reported again", FRIDAY + HOUR, reported_again),
    ("both are aware", FRIDAY + 3 * HOUR, both_are_aware),
    ("a code is replaced", FRIDAY + 4 * HOUR, code_is_replaced),
    ("they are one", FRIDAY + 5 * HOUR, they_are_one),
    ("councils get a new procedure", FRIDAY + 6 * HOUR, councils_get_a_new_procedure),
    ("one more is concerned", FRIDAY + 7 * HOUR, one_more_is_concerned),
    ("one fewer is concerned", FRIDAY + 8 * HOUR, one_fewer_is_concerned),
    ("the police act for other purposes", FRIDAY + 9 * HOUR, police_act_for_other_purposes),
    ("the fire service becomes a processor", FRIDAY + 10 * HOUR, fire_becomes_a_processor),
    ("the police leave", FRIDAY + DAY, police_leave),
    ("all is done", FRIDAY + 3 * DAY, all_is_done),
    ("it goes on", FRIDAY + 4 * DAY, it_goes_on),
    ("nobody read it", FRIDAY + 5 * DAY, nobody_read_it),
)
