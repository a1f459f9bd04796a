"""The annual report: the year in numbers and pictures, late things named; to read, to print, and as a tagged PDF."""

from actions.annual_report import year_report, years_known
from actions.cast import NotThere
from rules.sentences import listed
from rules.texts import shown
from web.console.annual_report_pdf import pdf_of
from web.console.annual_report_pictures import ReportView
from web.declaring import READS, Answer, Asked, Page

MENU = "/console/annual-report"


class NotAYear(NotThere):
    def __init__(self, said: str, years: list[int]) -> None:
        known = listed([str(year) for year in sorted(years)])
        super().__init__(f"There is no report of the year “{shown(said)}”: there is one of {known}.")


def _number(asked: Asked) -> int:
    """The year that the address asks for; else this one. Raises NotAYear."""
    years, said = years_known(asked.now, asked.protocol, asked.session), asked.query.get("year", "")
    if not said:
        return years[0]
    if not (said.isascii() and said.isdecimal() and len(said) == 4 and int(said) in years):
        raise NotAYear(said, years)
    return int(said)


def _read(asked: Asked) -> ReportView:
    report = year_report(asked.session, asked.now, asked.protocol, _number(asked))
    return ReportView(report=report, years=tuple(years_known(asked.now, asked.protocol, asked.session)))


def _pdf(asked: Asked) -> Answer:
    """Raises NoTypesetting where the machine lacks what sets pages."""
    view = _read(asked)
    filename = f"annual-report-{view.report.protocol}-{view.report.year}.pdf"
    return Answer(content=pdf_of(view), media_type="application/pdf", filename=filename)


PAGES = (
    Page(path=MENU, title="Annual report", who=READS, read=_read, template="console/annual_report.html", in_menu=MENU),
    Page(path="/console/annual-report.pdf", title="Annual report as PDF", who=READS, read=_pdf),
    Page(path="/console/pictures", title="Pictures of the year", who=READS, read=_read, in_menu=MENU,
         template="console/pictures.html"),
)  # fmt: skip
