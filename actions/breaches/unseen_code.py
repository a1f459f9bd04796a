"""Sent twice in one press, a report is kept once, and the answer that had the code may never have been shown.

Whoever holds the key that travelled in the form has another first code: soon, once, and only while the first stands.
"""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlmodel import Session, select

from actions.breaches.reporters import ENTROPY, give_code
from models.breach import BreachReport
from models.protocol import Protocol
from rules.codes import code_from
from rules.errors import Refused

SOON = timedelta(minutes=10)  # a shared computer in an office: whoever sits there later finds the form no more


class NoOtherCode(Refused):
    def __init__(self) -> None:
        super().__init__(
            "A first code is replaced within ten minutes of the report, and once. Report what you know anew, quoting "
            "the reference: nothing that you sent is lost."
        )


def another_first_code(
    session: Session, now: datetime, protocol: Protocol, key: str,
    entropy: Callable[[int], bytes] = secrets.token_bytes,
) -> tuple[str, str]:  # fmt: skip
    """The reference and the code that opens it from now on. Raises NoOtherCode, WrongReferenceOrCode."""
    statement = select(BreachReport).where(BreachReport.key == f"{protocol.slug}:{key}")
    report = session.exec(statement).first()
    if report is None or not may_have_another(report, now):
        raise NoOtherCode
    code = code_from(entropy(ENTROPY))
    give_code(session, now, report, code)
    return report.reference, code


def may_have_another(report: BreachReport, now: datetime) -> bool:
    return report.code_made_at == report.received_at and now - report.received_at <= SOON
