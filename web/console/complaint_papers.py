"""The steering group's papers on complaints, and the questions that the numbers raise as they stand today."""

from datetime import date
from typing import Any

from sqlmodel import col, select

from actions.complaints.paper import keep_paper, kept_paper, length_of, paper_facts, period_going_on
from actions.complaints.signalling import signals_on
from actions.policy import today_of
from models.complaint import AnalysisPaper
from notifications.complaint_paper import paper_html
from notifications.complaint_sections import paper_of
from rules.report_periods import Length, parse_report_period, period_in_words
from web.console.complaint_places import MENU
from web.declaring import READS, WORKS, Act, Answer, Asked, Done, Page
from web.rendering import as_markup

PAPERS = "/console/complaints/papers"
DRAFT = "draft"


def name_of(first_day: date, last_day: date) -> str:
    """“2027-03”, “2027-Q1”."""
    if (first_day.year, first_day.month) == (last_day.year, last_day.month):
        return f"{first_day:%Y-%m}"
    return f"{first_day.year:04}-Q{last_day.month // 3}"


def _list(asked: Asked) -> dict[str, Any]:
    protocol = asked.protocol
    rows = asked.session.exec(
        select(AnalysisPaper)
        .where(AnalysisPaper.protocol_id == protocol.id)
        .order_by(col(AnalysisPaper.last_day).desc())
    ).all()
    return {
        "papers": [
            {"name": name_of(row.first_day, row.last_day), "period": period_in_words(row.first_day, row.last_day),
             "made_at": row.made_at}
            for row in rows
        ],
        "signals": signals_on(asked.session, protocol, today_of(protocol, asked.now)),
        "going_on": period_in_words(*period_going_on(protocol, asked.now)),
        "each": "quarter" if length_of(protocol) is Length.QUARTERLY else "month",
    }  # fmt: skip


def _facts(asked: Asked) -> dict[str, Any]:
    """Raises NotAReportPeriod, NotThere."""
    protocol, period = asked.protocol, asked.place["period"]
    if period == DRAFT:
        return paper_facts(asked.session, asked.now, protocol, *period_going_on(protocol, asked.now))
    facts: dict[str, Any] = kept_paper(asked.session, protocol, parse_report_period(period)).facts
    return facts


def _show(asked: Asked) -> dict[str, Any]:
    facts = _facts(asked)
    paper = paper_of(facts)
    drawn = {picture.title: as_markup(picture.svg) for each in paper.sections for picture in each.pictures}
    return {
        "title": paper.title, "paper": paper, "drawn": drawn, "period": asked.place["period"],
        "is_draft": asked.place["period"] == DRAFT,
    }  # fmt: skip


def _file(asked: Asked) -> Answer:
    html = paper_html(_facts(asked)).encode()
    filename = f"complaints-{asked.place['period']}.html"
    return Answer(content=html, media_type="text/html; charset=utf-8", filename=filename)


def _keep(asked: Asked, _given: object) -> Done:
    kept = keep_paper(asked.session, asked.now, asked.protocol)
    asked.session.flush()
    names = [name_of(paper.first_day, paper.last_day) for paper in kept]
    said = f"Kept: {', '.join(names)}." if names else "There is nothing to keep: no period has ended without its paper."
    return Done(sentence=said, to=PAPERS, facts={"papers": names})


PAGES = (
    Page(path=PAPERS, title="Papers on complaints", who=READS, read=_list, template="console/complaint_papers.html",
         in_menu=MENU),
    Page(path=f"{PAPERS}/{{period}}", title="A paper on complaints", who=READS, read=_show,
         template="console/complaint_paper.html", in_menu=MENU),
    Page(path=f"{PAPERS}/{{period}}/paper.html", title="A paper on complaints, as a file", who=READS, read=_file),
)  # fmt: skip
ACTS = (
    Act(path="/console/complaints/keep-papers", title="Make the papers that are due", who=WORKS, do=_keep,
        button="Make them", words="Of every period that has ended and has none yet. It happens by itself every day. A "
        "paper that is kept stays as it is.", in_menu=MENU),
)  # fmt: skip
