"""What moves with a breach that is merged into another: its reports, its open questions, and what was learnt."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session, col, select

from actions.cast import known_id
from actions.gaps.keeping import add_origin
from models.breach import Breach, BreachReport, Consultation, Lesson
from models.gap import Gap
from models.inserting import insert_unless_there

Moved = Mapping[int, int]  # from which follow-up to which


def move_reports(session: Session, source: Breach, into: Breach) -> None:
    """Both reporters keep their reference and their code, and find the breach that goes on."""
    for report in session.exec(select(BreachReport).where(BreachReport.breach_id == source.id)):
        report.breach_id = known_id(into)
        session.add(report)


def move_consultations(session: Session, source: Breach, into: Breach, moved: Moved) -> None:
    """A question that waits for its answer waits there."""
    waiting = select(Consultation).where(
        Consultation.breach_id == source.id, col(Consultation.answered_at).is_(None)
    )  # fmt: skip
    for question in session.exec(waiting):
        if question.asked_by_id in moved and question.asked_of_id in moved:
            question.breach_id = known_id(into)
            question.asked_by_id, question.asked_of_id = moved[question.asked_by_id], moved[question.asked_of_id]
            session.add(question)


def gaps_learnt(session: Session, source: Breach) -> list[int | None]:
    return list(session.exec(select(Lesson.gap_id).where(Lesson.breach_id == source.id)))


def carry_lessons(
    session: Session, now: datetime, source: Breach, into: Breach, moved: Moved, by: str
) -> list[int]:  # fmt: skip
    """What was learnt counts there, and nobody is asked for it again; a gap has come from both. Answers which.

    A lesson is never changed: it is kept once more, unless the same was learnt there. What was agreed as a local
    action stays owed under the number that it was asked for by.
    """
    statement = select(Lesson).where(Lesson.breach_id == source.id, col(Lesson.follow_up_id).in_(list(moved)))
    lessons = session.exec(statement.order_by(col(Lesson.id))).all()
    for lesson in lessons:
        assert lesson.follow_up_id is not None
        row = lesson.model_dump(exclude={"id"}) | {
            "key": lesson.key.replace(source.case, into.case, 1), "breach_id": known_id(into),
            "follow_up_id": moved[lesson.follow_up_id],
        }  # fmt: skip
        insert_unless_there(session, Lesson.model_validate(row))
        if lesson.gap_id is not None:
            add_origin(session, now, session.get_one(Gap, lesson.gap_id), into.case, by)
    return [known_id(lesson) for lesson in lessons]
