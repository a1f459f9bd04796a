"""The proof, asked now: every chain of history holds, and what must always be true is true. Nothing is written."""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import func, select

from actions.verifying import verify
from models.history import History
from web.declaring import READS, Asked, Page

PATH = "/console/proof"
MENU = "/console/runs"


@dataclass(frozen=True, kw_only=True)
class Proof:
    """`broken`: a sentence for each place where something does not hold. `seconds`: how long it took."""

    checked: int
    broken: tuple[str, ...]
    fingerprint: str
    asked_at: datetime
    seconds: float


def _read(asked: Asked) -> dict[str, Any]:
    """Only when it is asked for: it reads all of history."""
    rows = asked.session.exec(select(func.count()).select_from(History)).one()
    proof = _proved(asked) if asked.query.get("now") == "yes" else None
    return {"rows": rows, "proof": proof}


def _proved(asked: Asked) -> Proof:
    began = time.perf_counter()
    found = verify(asked.session, asked.now)
    return Proof(
        checked=found.checked, broken=tuple(found.broken), fingerprint=found.fingerprint, asked_at=asked.now,
        seconds=round(time.perf_counter() - began, 1),
    )  # fmt: skip


PAGES = (Page(path=PATH, title="The proof", who=READS, read=_read, template="console/run_proof.html", in_menu=MENU),)
