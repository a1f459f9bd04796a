"""Words that are nobody's name in this partnership: those of its parties' names and of the protocol's own text."""

from sqlmodel import Session, col, select

from models.protocol import Clause, Party, Protocol, VersionClause
from rules.seeming_names import words_of


def known_words(session: Session, protocol: Protocol) -> frozenset[str]:
    """In small letters."""
    names = session.exec(select(Party.name).where(Party.protocol_id == protocol.id).order_by(col(Party.id)))
    clauses = session.exec(
        select(VersionClause.heading, VersionClause.text)
        .join(Clause, col(Clause.id) == VersionClause.clause_id)
        .where(Clause.protocol_id == protocol.id)
        .order_by(col(VersionClause.id))
    )
    words = [text for row in clauses for text in row]
    return words_of((protocol.name, protocol.short_name, *names, *words))
