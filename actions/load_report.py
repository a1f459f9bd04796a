"""What loading a protocol's file did, as sentences for the person who loaded it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, SQLModel

from models import history
from models.protocol import Protocol
from models.protocol_file import ProtocolFile
from rules.errors import Refused


class FileContradictsStore(Refused):
    """What is settled is never changed by a file; the whole file is refused."""


@dataclass(frozen=True)
class LoadReport:
    """`kept`: where the store differs from the file and was left as it is, and why."""

    created: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()

    @property
    def anything(self) -> bool:
        return bool(self.created or self.changed)


@dataclass
class Loading:
    """One load under way. A first load is one change and one row of history; later ones have a row a change."""

    session: Session
    now: datetime
    by: str
    file: ProtocolFile
    protocol: Protocol
    first: bool
    before: Mapping[str, Any]  # the protocol's own fields as the store held them until now
    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    joined: bool = False  # somebody has become a party, and was not asked to sign yet

    @property
    def case(self) -> str:
        return f"protocol:{self.protocol.slug}"

    def create(self, sentence: str, what: str, **details: Any) -> None:
        self.created.append(sentence)
        self._write(what, details)

    def change(self, sentence: str, what: str, **details: Any) -> None:
        self.changed.append(sentence)
        self._write(what, details)

    def keep(self, sentence: str) -> None:
        self.kept.append(sentence)

    def same(self, number: int, what: str, plural: str | None = None) -> None:
        """So many of them are as they were."""
        if number and not self.first:
            words = f"One {what} is" if number == 1 else f"{number} {plural or what + 's'} are"
            self.unchanged.append(f"{words} as before.")

    def update(self, row: SQLModel, values: Mapping[str, Any]) -> dict[str, list[Any]]:
        """Set what differs; answers old and new value by field, as history keeps them."""
        differing = {name: value for name, value in values.items() if getattr(row, name) != value}
        told = {name: [_plain(getattr(row, name)), _plain(value)] for name, value in differing.items()}
        for name, value in differing.items():
            setattr(row, name, value)
        if differing:
            self.session.add(row)
        return told

    def tell(self, row: SQLModel | None, values: Mapping[str, Any], name: str, kind: str, key: str) -> bool:
        """Update what the file lists, if it was there, and report. True when it is as it was."""
        if row is None:
            if not self.first:
                self.create(f"{name} is new.", f"{kind} added by file", key=key)
            return False
        if changed := self.update(row, values):
            self.change(f"{name}: {', '.join(changed)} changed.", f"{kind} changed by file", key=key, changed=changed)
        return not changed

    def report(self) -> LoadReport:
        return LoadReport(tuple(self.created), tuple(self.changed), tuple(self.kept), tuple(self.unchanged))

    def _write(self, what: str, details: dict[str, Any]) -> None:
        if not self.first:
            history.write(self.session, self.case, self.now, self.by, what, **details)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
