"""The file's legislation and the confirmation checklist."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import col, select

from actions.confirmation_requests import checklist
from actions.confirming import end_what_is_answered
from actions.confirming_again import ask_what_is_new, hold_last_round
from actions.load_report import Loading
from models.protocol import ChecklistItem, Legislation, LegislationChange
from models.review import Confirmation, Review
from rules.texts import is_reworded


def load_legislation(loading: Loading) -> None:
    """What is no longer in the file is no longer in the list: the law itself is not ours to keep."""
    known = {row.key: row for row in _stored_legislation(loading)}
    same = 0
    for entry in loading.file.legislation:
        values = {
            "title": entry.title, "status": entry.status, "since": entry.since.day if entry.since else None,
            "successor": entry.successor, "source": entry.source, "clauses": list(entry.clauses),
        }  # fmt: skip
        row = known.pop(entry.id, None)
        if row is None:
            of = {"protocol_id": loading.protocol.id, "key": entry.id}
            loading.session.add(Legislation.model_validate(of | values))
        same += _told(loading, row, values, entry.title, "legislation", entry.id)
    for row in known.values():
        _remove_act(loading, row)
    loading.same(same, "item of the legislation", "items of the legislation")
    loading.session.flush()


def _remove_act(loading: Loading, row: Legislation) -> None:
    if loading.session.exec(select(LegislationChange.id).where(LegislationChange.legislation_id == row.id)).first():
        loading.keep(f"{row.title} is no longer in the file, but a change of it is recorded: it stays.")
        return
    loading.session.delete(row)
    loading.change(f"{row.title} is no longer listed.", "legislation removed by file", legislation=row.key)


def _stored_legislation(loading: Loading) -> list[Legislation]:
    statement = select(Legislation).where(Legislation.protocol_id == loading.protocol.id)
    return list(loading.session.exec(statement))


def load_checklist(loading: Loading) -> None:
    """What lead members confirm (protocol §14). An item that somebody has answered stays, as what was answered.

    With other words it is another question: the old one is kept behind it with its answers, and whoever had confirmed
    everything in a round that still runs is asked what is new.
    """
    known = {row.key: row for row in checklist(loading.session, loading.protocol)}
    asked = {entry.id: entry.question for entry in loading.file.checklist}
    is_as_before = asked == {key: row.question for key, row in known.items()}
    running = None if is_as_before else hold_last_round(loading.session, loading.protocol)
    same, is_new, is_shorter = 0, False, False
    for position, entry in enumerate(loading.file.checklist, 1):
        values = {"clause_key": entry.clause, "question": entry.question, "position": position}
        row = known.pop(entry.id, None)
        if row is not None and (behind := _behind_unanswered(loading, row, entry.question)) is not None:
            row, is_shorter = _taken_back(loading, row, behind), True
        reworded = row is not None and is_reworded(row.question, entry.question) and _is_answered(loading, row)
        if row is not None and reworded:
            _set_aside(loading, row, entry.question)
        if row is None or reworded:
            of, is_new = {"protocol_id": loading.protocol.id, "key": entry.id}, True
            loading.session.add(ChecklistItem.model_validate(of | values))
        if not reworded:
            same += _told(loading, row, values, f"“{entry.question}”", "checklist item", entry.id)
    if [row for row in known.values() if _remove_item(loading, row)] or is_shorter:
        loading.session.flush()
        why = "What was still open is no longer on the checklist."
        end_what_is_answered(loading.session, loading.now, loading.protocol, loading.by, why)
    loading.session.flush()
    if running is not None and is_new:
        _ask_what_is_new(loading, running)
    loading.same(same, "item of the checklist", "items of the checklist")


def _is_answered(loading: Loading, row: ChecklistItem) -> bool:
    return loading.session.exec(select(Confirmation.id).where(Confirmation.item_id == row.id)).first() is not None


def _set_aside(loading: Loading, row: ChecklistItem, question: str) -> None:
    """Its key goes to the new words; what was answered stays with the old ones, which nobody is asked any more."""
    key, number = row.key, len(_kept_behind(loading, row.key)) + 1
    loading.update(row, {"key": f"{key}:{number}", "position": 0})
    loading.session.flush()  # before another takes the key
    loading.change(
        f"“{row.question}” reads “{question}” now, and is a new question to whoever has answered the old words.",
        "checklist item reworded by file", key=key, question=[row.question, question], kept_as=row.key,
    )  # fmt: skip


def _kept_behind(loading: Loading, key: str) -> Sequence[ChecklistItem]:
    """The newest last."""
    behind = col(ChecklistItem.key).startswith(f"{key}:", autoescape=True)
    kept = select(ChecklistItem).where(ChecklistItem.protocol_id == loading.protocol.id, behind)
    return loading.session.exec(kept.order_by(col(ChecklistItem.id))).all()


def _behind_unanswered(loading: Loading, row: ChecklistItem, question: str | None = None) -> ChecklistItem | None:
    """What was answered before the words that nobody has answered, where the file has it again, or neither."""
    if question is not None and not is_reworded(row.question, question):
        return None
    behind = next(reversed(_kept_behind(loading, row.key)), None)
    if behind is None or _is_answered(loading, row) or (question and is_reworded(behind.question, question)):
        return None
    return behind


def _taken_back(loading: Loading, row: ChecklistItem, behind: ChecklistItem) -> ChecklistItem:
    """As if the words had never been others: what was answered stands, and whoever was asked for more owes nothing."""
    key, position, question = row.key, row.position, row.question
    loading.session.delete(row)
    loading.session.flush()  # before another takes the key
    kept_as = behind.key
    loading.update(behind, {"key": key, "position": position})
    loading.change(
        f"“{question}” is not asked any more: “{behind.question}” is again, and what was answered to it stands.",
        "checklist item taken back by file", key=key, question=[question, behind.question], kept_as=kept_as,
    )  # fmt: skip
    return behind


def _ask_what_is_new(loading: Loading, running: Review) -> None:
    number = ask_what_is_new(loading.session, loading.now, loading.protocol, running, loading.by)
    if number:
        who = "One party is" if number == 1 else f"{number} parties are"
        loading.changed.append(f"{who} asked what is new on the checklist, having confirmed all else.")


def _remove_item(loading: Loading, row: ChecklistItem) -> bool:
    if _is_answered(loading, row):
        loading.keep(f"“{row.question}” is no longer in the file, but it has been answered: it stays.")
        return False
    if (behind := _behind_unanswered(loading, row)) is not None:
        _taken_back(loading, row, behind)
        return True
    loading.session.delete(row)
    loading.change(f"“{row.question}” is no longer asked.", "checklist item removed by file", item=row.key)
    return True


def _told(
    loading: Loading, row: Legislation | ChecklistItem | None, values: Mapping[str, Any],
    name: str, kind: str, key: str,
) -> bool:  # fmt: skip
    """Update the row, if there was one, and report. True when it is as it was."""
    if row is None:
        if not loading.first:
            loading.create(f"{name} is new.", f"{kind} added by file", key=key)
        return False
    if changed := loading.update(row, values):
        loading.change(f"{name}: {', '.join(changed)} changed.", f"{kind} changed by file", key=key, changed=changed)
    return not changed
