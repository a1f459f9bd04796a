"""What shows where each of many breaches stands, asked of all of them at once: of each by itself it would be six
questions. The looks themselves answer as ever; what they would have asked is remembered already (decision 18)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlmodel import Session, col, select

from actions.breaches.facts import facts_of, facts_of_each, newest_conclusion
from actions.breaches.procedures import in_version, procedure_of
from actions.breaches.statutory import statutory_duties_of
from actions.breaches.step_limits import aware_at, records_of
from actions.breaches.step_times import corrections_in, corrections_in_each
from actions.cast import known_id
from actions.duties import still_owed, still_owed_in
from models.breach import Awareness, Breach, BreachDuty, BreachFact, Conclusion, FollowUp, StepRecord
from models.history import History
from models.obligation import Obligation
from models.procedure import ProcedureVersion
from models.remembering import keep_look


def look_ahead(session: Session, breaches: Sequence[Breach], follow_ups: Sequence[FollowUp]) -> None:
    """For `standing_of` each of these follow-ups."""
    facts = facts_of_each(session, [known_id(breach) for breach in breaches])
    owed = still_owed_in(session, [breach.case for breach in breaches])
    for breach in breaches:
        keep_look(session, facts_of, breach, facts[known_id(breach)], BreachFact)
        keep_look(session, still_owed, breach.case, owed.get(breach.case, ()), Obligation)
    read_procedures(session, follow_ups)
    numbers = [known_id(each) for each in follow_ups]
    records = _by_follow_up(session, StepRecord, numbers, StepRecord.round, StepRecord.id)
    if records:
        for case, times in corrections_in_each(session, [breach.case for breach in breaches]).items():
            keep_look(session, corrections_in, case, times, History)
    duties = _by_follow_up(session, BreachDuty, numbers, BreachDuty.id)
    aware = _by_follow_up(session, Awareness, numbers, Awareness.id)
    concluded = _by_follow_up(session, Conclusion, numbers, Conclusion.id)
    for each in follow_ups:
        number = known_id(each)
        keep_look(session, records_of, each, records[number], StepRecord)
        keep_look(session, statutory_duties_of, each, duties[number], BreachDuty)
        keep_look(session, aware_at, each, aware[number][-1].aware_at if aware[number] else None, Awareness)
        keep_look(session, newest_conclusion, each, concluded[number][-1] if concluded[number] else None, Conclusion)


def read_procedures(session: Session, follow_ups: Iterable[FollowUp]) -> None:
    wanted = {each.procedure_version_id for each in follow_ups}
    rows = session.exec(select(ProcedureVersion).where(col(ProcedureVersion.id).in_(wanted)))
    versions = {known_id(version): version for version in rows}
    for each in follow_ups:
        procedure = in_version(versions[each.procedure_version_id])
        keep_look(session, procedure_of, each, procedure, ProcedureVersion, FollowUp)


def _by_follow_up(
    session: Session, table: type[Any], numbers: Sequence[int], *order: Any
) -> Mapping[int, Sequence[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in session.exec(select(table).where(table.follow_up_id.in_(numbers)).order_by(*order)):
        found[row.follow_up_id].append(row)
    return found
