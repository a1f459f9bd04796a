"""One breach on one page: the parties' clocks side by side, what is known, who reported it, what is next."""

from dataclasses import replace

from actions.breaches.showing import breach_view
from actions.breaches.shown import ReporterLine
from models.breach import ReporterKind
from rules.breach import Stage
from web.console.breach_acts import MENU, OF_BREACH, breach_of
from web.console.breach_clocks import party_clocks
from web.console.breach_facts import fact_rows
from web.console.breach_next import next_steps
from web.declaring import DECIDES, READS, WORKS, Asked, Page


def _read(asked: Asked) -> dict[str, object]:
    breach = breach_of(asked)
    view = breach_view(asked.session, asked.now, breach)
    view = replace(view, reporters=tuple(seen_by(asked, each) for each in view.reporters))
    return {
        "title": f"Breach {breach.id}", "view": view, "clocks": party_clocks(view), "next_steps": next_steps(view),
        "facts": fact_rows(asked.session, breach), "names": {each.party: each.name for each in view.follow_ups},
        "is_open": breach.stage is not Stage.CLOSED, "case": breach.case,
    }  # fmt: skip


def seen_by(asked: Asked, line: ReporterLine) -> ReporterLine:
    """Who reported it, on pages and in the API: confidentially, it is for the secretary alone, as the report's form
    promises, and nobody else sees where they work; else for assistants too. An auditor sees that somebody did."""
    is_confidential = line.kind == ReporterKind.CONFIDENTIAL
    if asked.caller.standing in (DECIDES if is_confidential else WORKS):
        return line
    return replace(line, reporter=None, reach=None, party=None if is_confidential else line.party)


PAGES = (
    Page(path=OF_BREACH, title="A breach", who=READS, read=_read, template="console/breach.html", in_menu=MENU),
)  # fmt: skip
