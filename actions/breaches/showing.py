"""A breach as a whole, for whoever coordinates it: what is known, what each party does, what is to be done next.

Reads only. Nothing here is stored: times left and lateness are told as they are at `now`.
"""

from collections.abc import Iterator
from datetime import datetime

from sqlmodel import Session, col, select

from actions.breaches.breach_lines import breach_lines
from actions.breaches.moving import protocol_of
from actions.breaches.next_steps import next_commands
from actions.breaches.showing_facts import fact_lines, severity_line, texts_of
from actions.breaches.showing_party import follow_up_views
from actions.breaches.shown import BreachView, ConsultationLine, HoldLine, LessonLine, ReporterLine, SimilarLine
from actions.breaches.similar import similar_breaches
from actions.breaches.wording import references_of
from actions.cast import NotThere, known_id
from models.breach import Breach, BreachReport, Consultation, FollowUp, Lesson, LessonEffect, LetterHold
from models.protocol import Party
from rules.breach import as_state

Names = dict[int | None, str]


def breach_named(session: Session, number: int) -> Breach:
    found = session.get(Breach, number)
    if found is None:
        raise NotThere(f"There is no breach {number}: see `concordat breach list`.")
    return found


def breach_view(session: Session, now: datetime, breach: Breach) -> BreachView:
    protocol, facts = protocol_of(session, breach), tuple(fact_lines(session, breach))
    [line] = breach_lines(session, now, number=breach.id)
    names = _slugs_of_follow_ups(session, breach)
    follow_ups = tuple(follow_up_views(session, now, breach))
    holds, consultations = tuple(_holds(session, breach, names)), tuple(_consultations(session, breach, names))
    lessons = tuple(_lessons(session, breach, names))
    return BreachView(
        breach=line, protocol_name=protocol.name, zone=protocol.zone, state=as_state(breach.stage),
        merged_into=breach.merged_into_id, references=references_of(session, breach),
        reporters=tuple(_reporters(session, breach)), facts=facts, severity=severity_line(facts),
        follow_ups=follow_ups, holds=holds, consultations=consultations, lessons=lessons,
        similar=tuple(similar_lines(session, breach)),
        next=tuple(dict.fromkeys(next_commands(line, follow_ups, holds, consultations, lessons))),
    )  # fmt: skip


def _reporters(session: Session, breach: Breach) -> Iterator[ReporterLine]:
    """Of every report that the case has, also after a merger."""
    statement = select(BreachReport, Party.slug).outerjoin(Party, col(Party.id) == BreachReport.party_id)
    statement = statement.where(BreachReport.breach_id == breach.id).order_by(col(BreachReport.id))
    for report, slug in session.exec(statement):
        yield ReporterLine(
            reference=report.reference, received_at=report.received_at, kind=report.reporter_kind.value,
            reporter=report.reporter, reach=report.reach, party=slug,
        )  # fmt: skip


def _slugs_of_follow_ups(session: Session, breach: Breach) -> Names:
    statement = select(FollowUp.id, Party.slug).join(Party, col(Party.id) == FollowUp.party_id)
    return dict(session.exec(statement.where(FollowUp.breach_id == breach.id)).all())


def _holds(session: Session, breach: Breach, names: Names) -> Iterator[HoldLine]:
    rows = session.exec(select(LetterHold).where(LetterHold.breach_id == breach.id).order_by(col(LetterHold.id))).all()
    texts = texts_of(session, [number for row in rows for number in (row.why_id, row.release_why_id)])
    for row in rows:
        yield HoldLine(
            party=names[row.follow_up_id], why=texts[row.why_id], placed_at=row.placed_at, placed_by=row.placed_by,
            released_at=row.released_at, release_why=texts.get(row.release_why_id),
        )  # fmt: skip


def _consultations(session: Session, breach: Breach, names: Names) -> Iterator[ConsultationLine]:
    statement = select(Consultation).where(Consultation.breach_id == breach.id).order_by(col(Consultation.id))
    rows = session.exec(statement).all()
    texts = texts_of(session, [number for row in rows for number in (row.question_id, row.answer_id)])
    for row in rows:
        yield ConsultationLine(
            number=known_id(row), asked_by=names[row.asked_by_id], asked_of=names[row.asked_of_id],
            question=texts[row.question_id], asked_at=row.asked_at, answer=texts.get(row.answer_id),
            answered_at=row.answered_at,
        )  # fmt: skip


def _lessons(session: Session, breach: Breach, names: Names) -> Iterator[LessonLine]:
    rows = session.exec(select(Lesson).where(Lesson.breach_id == breach.id).order_by(col(Lesson.id))).all()
    texts = texts_of(session, [row.words_id for row in rows])
    for row in rows:
        yield LessonLine(
            number=known_id(row), party=names.get(row.follow_up_id), cause=row.cause, words=texts[row.words_id],
            remedy=row.remedy, effect=LessonEffect(row.effect).value, gap=row.gap_id, none_because=row.none_because,
        )  # fmt: skip


def similar_lines(session: Session, breach: Breach, slug: str | None = None) -> Iterator[SimilarLine]:
    """`slug`: as that party may read them."""
    for each in similar_breaches(session, breach, slug):
        yield SimilarLine(
            breach=each.breach_id, party=each.party, clause=each.clause, at=each.at, causes=each.causes
        )  # fmt: skip
