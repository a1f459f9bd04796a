"""The five pictures of a year, from its report: the review round, signatures, breaches, complaints, deadlines kept."""

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from actions.annual_report_breaches import BANDS
from actions.annual_report_shapes import Kept, ReviewYear, YearReport
from notifications.pictures import Picture, bars, columns_by_month
from notifications.pictures_stacked import stacked_bars
from rules.determination import Result
from web.rendering import as_markup

ROUND, SIGNED, BREACHES, COMPLAINTS, DEADLINES = "round", "signed", "breaches", "complaints", "deadlines"


@dataclass(frozen=True, kw_only=True)
class ReportView:
    """What the page, the pictures, the paper and a program are given; `years`: of which there are reports. The pictures
    follow from the numbers, and are drawn for people alone."""

    report: YearReport
    years: tuple[int, ...]

    @property
    def pictures(self) -> dict[str, list[Picture]]:
        return pictures_of(self.report)

    @property
    def found(self) -> list[Picture]:
        return list(all_of(self.report))

    @property
    def drawn(self) -> dict[str, Markup]:
        """By title."""
        return {each.title: as_markup(each.svg) for each in self.found}


def pictures_of(report: YearReport) -> dict[str, list[Picture]]:
    """By the part of the report each belongs to."""
    return {
        ROUND: [_round(review) for review in report.reviews],
        SIGNED: [columns_by_month(f"Signatures in {report.year}", report.signed_by_month, "signatures")]
        if any(count for _, count in report.signed_by_month)
        else [],
        BREACHES: [_breaches(report)],
        COMPLAINTS: [_complaints(report)],
        DEADLINES: [_deadlines(report)],
    }


def all_of(report: YearReport) -> Iterator[Picture]:
    for part in pictures_of(report).values():
        yield from part


def _round(review: ReviewYear) -> Picture:
    rows = [(name.capitalize(), count) for name, count in review.standings if count]
    return bars(f"Review {review.number}: how the parties stand", rows, "parties")


def _breaches(report: YearReport) -> Picture:
    rows = [(cause, dict(counts)) for cause, counts in report.breaches.by_cause]
    return stacked_bars(f"Breaches in {report.year} by cause and severity", rows, BANDS, "breaches", "Cause")


def _complaints(report: YearReport) -> Picture:
    rows = [(f"{key} {heading}".strip(), dict(counts)) for key, heading, counts in report.complaints.by_clause]
    series = tuple(result.value for result in Result)
    title = f"Issues in complaints in {report.year} by clause and determination"
    return stacked_bars(title, rows, series, "issues", "Clause")


def _deadlines(report: YearReport) -> Picture:
    rows = [(line.kind.capitalize(), dict(line.counts)) for line in report.deadlines]
    series = tuple(each.value for each in Kept)
    return stacked_bars(f"Deadlines in {report.year} by kind of duty", rows, series, "deadlines", "Duty")
