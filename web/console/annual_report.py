"""The annual report: the year in numbers and pictures, late things named; to read, to print, and as a tagged PDF."""

from typing import Any

from actions.annual_report import year_report, years_known
from actions.annual_report_shapes import YearReport
from actions.cast import NotThere
from rules.sentences import listed
from rules.texts import shown
from web.console.annual_report_pdf import pdf_of
from web.console.annual_report_pictures import all_of, pictures_of
from web.declaring import READS, Answer, Asked, Page
from web.rendering import as_markup

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


def report_of(asked: Asked) -> YearReport:
    return year_report(asked.session, asked.now, asked.protocol, _number(asked))


def context_of(report: YearReport) -> dict[str, Any]:
    pictures = pictures_of(report)
    drawn = {each.title: as_markup(each.svg) for each in all_of(report)}
    return {"report": report, "pictures": pictures, "drawn": drawn, "title": f"The year {report.year}"}


def _read(asked: Asked) -> dict[str, Any]:
    years = years_known(asked.now, asked.protocol, asked.session)
    return context_of(report_of(asked)) | {"years": years}


def _pictures(asked: Asked) -> dict[str, Any]:
    report = report_of(asked)
    years = years_known(asked.now, asked.protocol, asked.session)
    found = list(all_of(report))
    drawn = {each.title: as_markup(each.svg) for each in found}
    return {"title": f"Pictures of {report.year}", "found": found, "drawn": drawn, "years": years, "year": report.year}


def _pdf(asked: Asked) -> Answer:
    """Raises NoTypesetting where the machine lacks what sets pages."""
    report = report_of(asked)
    content = pdf_of(context_of(report))
    filename = f"annual-report-{report.protocol}-{report.year}.pdf"
    return Answer(content=content, media_type="application/pdf", filename=filename)


PAGES = (
    Page(path=MENU, title="Annual report", who=READS, read=_read, template="console/annual_report.html", in_menu=MENU),
    Page(path="/console/annual-report.pdf", title="Annual report as PDF", who=READS, read=_pdf),
    Page(path="/console/pictures", title="Pictures of the year", who=READS, read=_pictures, in_menu=MENU,
         template="console/pictures.html"),
)  # fmt: skip
