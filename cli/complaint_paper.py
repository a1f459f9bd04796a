"""The steering group's paper on complaints, and the signals that stand."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import acting, looking, the_protocol
from cli.options import Json, WhichProtocol
from cli.printing import paragraph, say, seen, show_json, table

if TYPE_CHECKING:
    from datetime import datetime

    from sqlmodel import Session

    from models.protocol import Protocol
    from notifications.paper_shapes import Section

Month = Annotated[str | None, typer.Option("--month", metavar="MONTH", help="Of that month, such as 2027-03.")]
Quarter = Annotated[str | None, typer.Option("--quarter", metavar="QUARTER", help="Of that quarter: 2027-Q1.")]
Html = Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write it to that file, as HTML.")]
Keep = Annotated[
    bool, typer.Option("--keep", help="First keep the paper of every period that has ended, as Prefect does daily.")
]
Draft = Annotated[bool, typer.Option("--draft", help="Of the period going on, as far as it has gone; not kept.")]


def add_to(complaint: typer.Typer) -> None:
    complaint.command("paper")(paper_command)
    complaint.command("signals")(signals_command)


def paper_command(
    month: Month = None, quarter: Quarter = None, draft: Draft = False, keep: Keep = False, html: Html = None,
    protocol: WhichProtocol = None, as_json: Json = False,
) -> None:  # fmt: skip
    """The steering group's paper: the newest, or of a period."""
    if sum([month is not None, quarter is not None, draft]) > 1:
        raise typer.BadParameter("Choose one of --month, --quarter and --draft.")
    if keep:
        there, refused = _keep(protocol)
        if refused or (list(there.values()) != [True] and not (month or quarter or draft or html)):
            _say_kept(there, refused, as_json)
            return
    with looking() as (session, now):
        facts = _facts(session, now, the_protocol(session, protocol), month or quarter, draft)
    if html is not None:
        _write(html, facts, as_json)
    elif as_json:
        show_json(facts)
    else:
        _print(facts)


def _keep(protocol: str | None) -> tuple[dict[str, bool], dict[str, str]]:
    """Of every protocol, or of the one that is named, each in a transaction of its own: one that cannot be kept holds
    up no other. Answers which has a paper now, and of which it could not be kept, and why. Raises NotThere, what says
    that the database is away, and what is in the way of the one that is named."""
    from actions.cast import protocol_named
    from actions.complaints.paper import keep_paper, newest_papers
    from actions.overview import loaded_protocols
    from cli.clockwork import why_not
    from models.away import is_away

    with looking() as (session, _):
        known = [protocol_named(session, protocol)] if protocol is not None else loaded_protocols(session)
        slugs = [each.slug for each in known]
    there, refused = {}, {}
    for slug in slugs:
        try:
            with acting() as (session, now):
                of = protocol_named(session, slug)
                keep_paper(session, now, of)
                has_one = bool(newest_papers(session, of, 1))
            there[slug] = has_one
        except Exception as failure:  # whatever it was, those of the others are kept
            if is_away(failure) or protocol is not None:
                raise
            refused[slug] = why_not(f"the paper of {slug}", failure)
    return there, refused


def _say_kept(there: dict[str, bool], refused: dict[str, str], as_json: bool) -> None:
    """Where there is not one paper to show; for a timer that runs daily that there is none yet is no failure."""
    said = {True: "What is over is kept", False: "There is no paper yet"}
    sentences = " ".join(f"{said[is_there]} for {slug}." for slug, is_there in there.items())
    failed = [f"The paper of {slug} could not be kept: {why}" for slug, why in refused.items()]
    told = "\n".join([sentences, *failed] if sentences else failed) or "No protocol is loaded yet."
    say(as_json, told, papers=there, refused=refused)
    if refused:
        raise typer.Exit(1)


def signals_command(protocol: WhichProtocol = None, as_json: Json = False) -> None:
    """Questions that the numbers raise as they stand today."""
    from dataclasses import asdict

    from actions.complaints.signalling import signals_on
    from actions.policy import today_of

    with looking() as (session, now):
        of = the_protocol(session, protocol)
        standing = signals_on(session, of, today_of(of, now))
    if as_json:
        show_json([asdict(each) for each in standing])
        return
    rows = [(each.sentence, each.count, each.threshold, ", ".join(map(str, each.complaints))) for each in standing]
    typer.echo(table(("Question", "Number", "Asked from", "Complaints"), rows, "No number has reached its threshold."))


def _facts(
    session: "Session", now: "datetime", of: "Protocol", period: str | None, draft: bool
) -> dict[str, Any]:  # fmt: skip
    from actions.complaints.paper import kept_paper, paper_facts, period_going_on
    from rules.report_periods import parse_report_period

    if draft:
        return paper_facts(session, now, of, *period_going_on(of, now))
    return kept_paper(session, of, parse_report_period(period) if period is not None else None).facts


def _write(file: Path, facts: dict[str, Any], as_json: bool) -> None:
    from notifications.complaint_paper import paper_html
    from notifications.complaint_sections import paper_of

    file.write_text(paper_html(facts), encoding="utf-8")
    sentence = f"{paper_of(facts).title}: written to {file}."
    say(as_json, sentence, file=str(file.absolute()), facts=facts)


def _print(facts: dict[str, Any]) -> None:
    from notifications.complaint_sections import paper_of

    paper = paper_of(facts)
    typer.echo(paragraph(paper.title))
    for sentence in paper.sentences:
        typer.echo(paragraph(sentence))
    for section in paper.sections:
        _print_section(section)


def _print_section(section: "Section") -> None:
    typer.echo(f"\n{section.heading}\n{'=' * len(section.heading)}")
    for sentence in section.sentences:
        typer.echo(paragraph(sentence))
    for picture in section.pictures:
        typer.echo(f"\n{seen(picture.title)}")
        typer.echo(table(picture.heads, picture.rows, picture.nothing, whole=picture.heads[1:]))
    for each in section.tables:
        typer.echo(f"\n{seen(each.caption)}")
        typer.echo(table(each.heads, each.rows, whole=each.heads[each.words :]))
