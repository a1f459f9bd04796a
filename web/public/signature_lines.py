"""One line of the register as its page shows it: a part of it where it is long, and where the rest is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from web.declaring import Asked
from web.organisations import FEW

SIGNED, DECLINED, ASKED, UNDATED, NOTHING = "signed", "declined", "asked", "undated", "nothing"
PART = 50  # of a line that is longer than a list may be


@dataclass(frozen=True, kw_only=True)
class Signed:
    position: str | None
    on: date | None
    version: str


@dataclass(frozen=True, kw_only=True)
class Body:
    name: str
    standing: str
    signed: tuple[Signed, ...]
    left_on: date | None


@dataclass(frozen=True, kw_only=True)
class Line:
    """Versions that one signature binds to: 4, 4.1 and 4.2. `signed` of `parties` are parties of today. `bodies` are
    those from the `first` of `found`; `earlier` and `later` are the addresses of the others."""

    major: int
    labels: tuple[str, ...]
    hashes: Mapping[str, str]
    is_current: bool
    signed: int
    parties: int
    bodies: tuple[Body, ...]
    found: int
    first: int = 1
    earlier: str = ""
    later: str = ""


def part_of(asked: Asked, line: Line, sought: str) -> Line:
    """Of the bodies that have `sought` in their names."""
    bodies = [body for body in line.bodies if sought.casefold() in body.name.casefold()]
    said = asked.query.get("from", "") if asked.query.get("line") == str(line.major) else ""
    first = int(said) if said.isascii() and said.isdecimal() and 0 < len(said) < 8 else 1
    first = first if 1 <= first <= len(bodies) and len(bodies) > FEW else 1
    until = first + PART - 1 if len(bodies) > FEW else len(bodies)
    return replace(
        line, bodies=tuple(bodies[first - 1 : until]), found=len(bodies), first=first,
        earlier=_at(asked, line, sought, max(1, first - PART)) if first > 1 else "",
        later=_at(asked, line, sought, until + 1) if until < len(bodies) else "",
    )  # fmt: skip


def _at(asked: Asked, line: Line, sought: str, first: int) -> str:
    said = {"protocol": asked.query.get("protocol"), "name": sought, "line": line.major, "from": first}
    return f"/signatures?{urlencode({name: value for name, value in said.items() if value})}#line-{line.major}"
