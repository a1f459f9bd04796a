"""The file's confirmation checklist (protocol §14): what is new is asked, what is gone is asked no more."""

from collections.abc import Sequence

from sqlmodel import col, select

from actions.confirmation_answers import ADDED
from actions.confirmation_requests import checklist
from actions.confirming_again import ask_what_is_new, hold_rounds
from actions.confirming_less import end_what_is_answered, end_what_was_put_off, owe_again_what_was_put_off
from actions.load_report import Loading
from models.protocol import ChecklistItem
from models.protocol_file.shapes import ChecklistEntry
from models.review import Confirmation, Review
from rules.texts import is_reworded


def load_checklist(loading: Loading) -> None:
    """What has been answered is never lost: a question that is gone, or reads otherwise, is kept behind the list with
    its answers, and they stand again when the file has it again.

    With other words it is another question: whoever had confirmed everything in a round that still runs is asked what
    is new.
    """
    known = {row.key: row for row in checklist(loading.session, loading.protocol)}
    asked = {entry.id: entry.question for entry in loading.file.checklist}
    is_as_before = asked == {key: row.question for key, row in known.items()}
    running = None if is_as_before else hold_rounds(loading.session, loading.protocol)
    same, is_new, is_shorter = 0, False, False
    for position, entry in enumerate(loading.file.checklist, 1):
        values = {"clause_key": entry.clause, "question": entry.question, "position": position}
        row = known.pop(entry.id, None)
        if row is None and (behind := _kept_with_these_words(loading, entry)) is not None:
            is_new = True
            _ask_again(loading, behind, entry, position)
            continue
        if row is not None and (behind := _behind_unanswered(loading, row, entry.question)) is not None:
            row, is_shorter = _taken_back(loading, row, behind), True
        reworded = row is not None and is_reworded(row.question, entry.question) and _is_answered(loading, row)
        if row is not None and reworded:
            _reworded(loading, row, entry.question)
        if row is None or reworded:
            of, is_new = {"protocol_id": loading.protocol.id, "key": entry.id}, True
            loading.session.add(ChecklistItem.model_validate(of | values))
        if not reworded:
            same += loading.tell(row, values, f"“{entry.question}”", "checklist item", entry.id)
    for row in known.values():
        _remove(loading, row)
    loading.session.flush()
    if known or is_shorter:
        why = "What was still open is no longer on the checklist."
        end_what_is_answered(loading.session, loading.now, loading.protocol, loading.by, why)
    if running is not None and is_new:
        _ask_what_is_new(loading, running)
    loading.same(same, "item of the checklist", "items of the checklist")


def _is_answered(loading: Loading, row: ChecklistItem) -> bool:
    return loading.session.exec(select(Confirmation.id).where(Confirmation.item_id == row.id)).first() is not None


def _reworded(loading: Loading, row: ChecklistItem, question: str) -> None:
    """Its key goes to the new words; what was answered stays with the old ones, which nobody is asked any more."""
    key = row.key
    _set_aside(loading, row)
    loading.change(
        f"“{row.question}” reads “{question}” now, and is a new question to whoever has answered the old words.",
        "checklist item reworded by file", key=key, question=[row.question, question], kept_as=row.key,
    )  # fmt: skip


def _set_aside(loading: Loading, row: ChecklistItem) -> None:
    number = len(_kept_behind(loading, row.key)) + 1
    loading.update(row, {"key": f"{row.key}:{number}", "position": 0})
    loading.session.flush()  # before another takes the key


def _kept_behind(loading: Loading, key: str) -> Sequence[ChecklistItem]:
    """The newest last."""
    behind = col(ChecklistItem.key).startswith(f"{key}:", autoescape=True)
    kept = select(ChecklistItem).where(ChecklistItem.protocol_id == loading.protocol.id, behind)
    return loading.session.exec(kept.order_by(col(ChecklistItem.id))).all()


def _kept_with_these_words(loading: Loading, entry: ChecklistEntry) -> ChecklistItem | None:
    behind = next(reversed(_kept_behind(loading, entry.id)), None)
    return None if behind is None or is_reworded(behind.question, entry.question) else behind


def _ask_again(loading: Loading, behind: ChecklistItem, entry: ChecklistEntry, position: int) -> None:
    """It had been dropped: what was answered to it stands, and what was “not yet” is owed again."""
    values = {"key": entry.id, "clause_key": entry.clause, "question": entry.question, "position": position}
    loading.update(behind, values)
    loading.session.flush()
    loading.create(f"“{entry.question}” is asked again, and what was answered to it stands.", ADDED, key=entry.id)
    owe_again_what_was_put_off(loading.session, loading.now, loading.protocol, behind, loading.by)


def _behind_unanswered(loading: Loading, row: ChecklistItem, question: str) -> ChecklistItem | None:
    """What was answered before the words that nobody has answered, where the file has it again."""
    if not is_reworded(row.question, question):
        return None
    behind = next(reversed(_kept_behind(loading, row.key)), None)
    if behind is None or _is_answered(loading, row) or is_reworded(behind.question, question):
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
    owe_again_what_was_put_off(loading.session, loading.now, loading.protocol, behind, loading.by)
    return behind


def _remove(loading: Loading, row: ChecklistItem) -> None:
    """Nobody is asked from now on, nor for what was “not yet”."""
    key, is_answered = row.key, _is_answered(loading, row)
    if is_answered:
        _set_aside(loading, row)
        kept = {"kept_as": row.key}
    else:
        loading.session.delete(row)
        kept = {}
    also = ", and what was answered to it is kept" if is_answered else ""
    loading.change(f"“{row.question}” is no longer asked{also}.", "checklist item removed by file", item=key, **kept)
    end_what_was_put_off(loading.session, loading.now, loading.protocol, key, loading.by)


def _ask_what_is_new(loading: Loading, running: Review) -> None:
    number = ask_what_is_new(loading.session, loading.now, loading.protocol, running, loading.by)
    if number:
        who = "One party is" if number == 1 else f"{number} parties are"
        loading.changed.append(f"{who} asked what is new on the checklist, having confirmed all else.")
