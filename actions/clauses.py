"""The text in force, clause by clause."""

from datetime import date

from sqlmodel import Session, col, select

from actions.cast import NotThere
from models.protocol import Clause, Protocol, Version, VersionClause
from rules.texts import shown


def current_version(session: Session, protocol: Protocol, on: date | None = None) -> Version | None:
    """The version in force: the newest one whose text stands; or that of an earlier day."""
    statement = select(Version).where(Version.protocol_id == protocol.id, col(Version.in_force_from).is_not(None))
    if on is not None:
        statement = statement.where(col(Version.in_force_from) <= on)
    return session.exec(statement.order_by(col(Version.major).desc(), col(Version.minor).desc())).first()


def clause_headings(session: Session, protocol: Protocol) -> tuple[tuple[str, str], ...]:
    version = current_version(session, protocol)
    if version is None:
        return ()
    rows = session.exec(
        select(Clause.key, VersionClause.heading)
        .join(VersionClause, col(VersionClause.clause_id) == Clause.id)
        .where(VersionClause.version_id == version.id)
        .order_by(col(Clause.position))
    ).all()
    return tuple((key, heading) for key, heading in rows)


def clause_named(session: Session, protocol: Protocol, key: str) -> Clause:
    found = session.exec(select(Clause).where(Clause.protocol_id == protocol.id, Clause.key == key)).first()
    if found is None:
        known = session.exec(
            select(Clause.key).where(Clause.protocol_id == protocol.id).order_by(col(Clause.position))
        ).all()
        raise NotThere(f"There is no clause “{shown(key)}” in {protocol.slug}: choose one of {', '.join(known)}.")
    return found


def clause_text(session: Session, protocol: Protocol, clause: Clause) -> tuple[str, str]:
    """Heading and words of the clause in the version in force; empty where it is new."""
    return clause_in(session, current_version(session, protocol), clause)


def clause_in(session: Session, version: Version | None, clause: Clause) -> tuple[str, str]:
    """Its heading and words there; empty where that version has none."""
    row = session.exec(
        select(VersionClause).where(
            VersionClause.version_id == (version.id if version else None),
            VersionClause.clause_id == clause.id,
        )
    ).first()
    return (row.heading, row.text) if row else (clause.key, "")
