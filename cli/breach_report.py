"""`concordat breach report`: three minutes, no names, a reference to quote and a code to keep."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.breach_options import WHEN_HELP
from cli.opening import acting, looking, the_protocol
from cli.options import SECRETARY, By, Json, WhichProtocol, text_or_file
from cli.printing import paragraph, show_json

if TYPE_CHECKING:
    from actions.breaches.reporting import Report, Reported
    from models.breach import ReporterKind

Text = str | None
What = Annotated[
    Text,
    typer.Option("--what", "--what-happened", metavar="TEXT|@FILE", help="What happened, naming nobody concerned."),
]
Kind = Annotated[Text, typer.Option("--kind", metavar="KIND", help="breach, loss, near-miss, suspected-breach …")]
From = Annotated[Text, typer.Option("--occurred-from", metavar="WHEN", help=f"When it began: a day, or {WHEN_HELP}.")]
To = Annotated[Text, typer.Option("--occurred-to", metavar="WHEN", help="When it was over.")]
Suspected = Annotated[
    Text, typer.Option("--suspected", "--first-suspected", metavar="WHEN", help="When anybody first suspected it.")
]
Detected = Annotated[Text, typer.Option("--detected", metavar="WHEN", help="When it was detected.")]
Told = Annotated[
    Text, typer.Option("--told", "--who-was-told", metavar="TEXT|@FILE", help="Who has been told already, by role.")
]
Data = Annotated[
    Text,
    typer.Option("--data", "--kinds-of-data", metavar="LIST", help="Kinds of data: health, safeguarding, financial …"),
]
PeopleKinds = Annotated[
    Text, typer.Option("--people-kinds", "--kinds-of-people", metavar="LIST", help="children, patients, employees …")
]
People = Annotated[Text, typer.Option("--people", metavar="NUMBER|unknown", help="How many people it concerns.")]
Records = Annotated[Text, typer.Option("--records", metavar="NUMBER|unknown", help="How many records.")]
Parties = Annotated[
    list[str] | None,
    typer.Option("--party", "--parties", metavar="PARTY", help="Whom it may concern; may be repeated."),
]
Done = Annotated[
    Text, typer.Option("--done", "--measures", metavar="TEXT|@FILE", help="What has been done about it so far.")
]
Clauses = Annotated[
    list[str] | None,
    typer.Option("--clause", "--clauses", metavar="CLAUSE", help="Which clause it touches; may be repeated."),
]
Reporter = Annotated[Text, typer.Option("--reporter", metavar="NAME", help="Who reports it.")]
Reach = Annotated[Text, typer.Option("--reach", metavar="ADDRESS", help="Where the reporter may be asked.")]
Confidential = Annotated[
    bool, typer.Option("--confidential", help="The secretary knows who reports it, and no party is told.")
]
Anonymous = Annotated[bool, typer.Option("--anonymous", help="Nobody knows who reports it; as without --reporter.")]
ReporterParty = Annotated[Text, typer.Option("--reporter-party", metavar="PARTY", help="Where the reporter works.")]
Key = Annotated[Text, typer.Option("--key", metavar="KEY", help="Your own name for it: sent twice, it is kept once.")]
File = Annotated[
    Path | None,
    typer.Option(
        "--from",
        metavar="FILE",
        help="A file with the facts by their names, “-” for standard input; options go before.",
    ),
]


def report_command(
    what: What = None, kind: Kind = None, occurred_from: From = None, occurred_to: To = None,
    suspected: Suspected = None, detected: Detected = None, told: Told = None, data: Data = None,
    people_kinds: PeopleKinds = None, people: People = None, records: Records = None, parties: Parties = None,
    done: Done = None, clauses: Clauses = None, reporter: Reporter = None, reach: Reach = None,
    confidential: Confidential = False, anonymous: Anonymous = False, reporter_party: ReporterParty = None,
    key: Key = None, file: File = None, protocol: WhichProtocol = None, by: By = SECRETARY, as_json: Json = False,
) -> None:  # fmt: skip
    """Report a breach. Answers a reference to quote and a code to keep."""
    from actions.breaches.facts import parties_in
    from actions.breaches.reporting import Report, report_breach
    from actions.cast import known_id
    from rules.breach_facts import FactName

    texts = {FactName.HAPPENED: what, FactName.TOLD: told, FactName.DONE: done}
    given = {name: text_or_file(text) for name, text in texts.items() if text} | {
        FactName.KIND: kind, FactName.OCCURRED_FROM: occurred_from, FactName.OCCURRED_TO: occurred_to,
        FactName.SUSPECTED: suspected, FactName.DETECTED: detected, FactName.DATA: data,
        FactName.PEOPLE_KINDS: people_kinds, FactName.PEOPLE: people, FactName.RECORDS: records,
        FactName.PARTIES: parties, FactName.CLAUSES: clauses,
    }  # fmt: skip
    said = {name: value for name, value in given.items() if value is not None}
    report = Report(
        facts=said, reporter_kind=_kind(reporter, confidential, anonymous), reporter=reporter, reach=reach,
        party=reporter_party, key=key,
    )  # fmt: skip
    report = (
        _with_file(report, _in_file(file, protocol, what is not None), confidential or anonymous) if file else report
    )
    with acting() as (session, now):
        reported = report_breach(session, now, the_protocol(session, protocol), report, by)
        number, somebody = known_id(reported.breach), bool(parties_in(session, reported.breach))
    _answer(as_json, number, reported, _woken(number) if reported.code else None, somebody)


def _in_file(file: Path, protocol: str | None, anything: bool) -> "Report":
    """Read at the protocol's own clock, so that what cannot be is refused with its line."""
    from actions.policy import zone_of
    from cli.breach_files import read_report_file
    from rules.breach_facts import Reading

    with looking() as (session, now):
        at = Reading(zone_of(the_protocol(session, protocol)), now)
    return read_report_file(file, at, anything=anything)


def _with_file(given: "Report", in_file: "Report", kind_given: bool) -> "Report":
    """Options go before."""
    return replace(
        in_file, facts={**in_file.facts, **given.facts}, reporter=given.reporter or in_file.reporter,
        reporter_kind=given.reporter_kind if kind_given or given.reporter else in_file.reporter_kind,
        reach=given.reach or in_file.reach, party=given.party or in_file.party, key=given.key or in_file.key,
    )  # fmt: skip


def _kind(reporter: str | None, confidential: bool, anonymous: bool) -> "ReporterKind":
    from models.breach import ReporterKind

    if anonymous and confidential:
        raise typer.BadParameter("a report is either confidential or anonymous.", param_hint="--anonymous")
    if confidential:
        return ReporterKind.CONFIDENTIAL
    if anonymous:
        return ReporterKind.ANONYMOUS
    return ReporterKind.NAMED if reporter else ReporterKind.ANONYMOUS


def _woken(number: int) -> str | None:
    """After the commit: nothing is lost where nobody can be woken."""
    from web.waking import wake_breach

    return wake_breach(number)


def _answer(as_json: bool, number: int, reported: "Reported", asleep: str | None, somebody: bool) -> None:
    from rules.codes import written

    code = written(reported.code) if reported.code else None
    next_commands = [f"concordat breach show {number}", *(["concordat sweep"] if asleep else [])]
    happens = asleep or "Every party that it may concern is being told now."
    if not somebody:
        asked = "It names no party, so none is told: the secretary is asked whom it concerns (`concordat matters`)."
        happens = f"{asked} {asleep}" if asleep else asked
    if as_json:
        show_json({
            "done": f"Breach {number} is reported.", "breach": number, "reference": reported.reference, "code": code,
            "warnings": reported.warnings, "happens": happens if code else None, "next": next_commands,
        })  # fmt: skip
        return
    if code is None:
        typer.echo(paragraph(f"That report is here already, as breach {number}: {reported.reference}."))
        return
    typer.echo(f"Breach {number} is reported.\nReference       {reported.reference}, to quote; it opens nothing")
    typer.echo(f"Follow-up code  {code}, shown once: keep it, it is kept nowhere")
    for warning in reported.warnings:
        typer.echo(paragraph(f"Look again: {warning}"))
    typer.echo(paragraph(happens))
    typer.echo("\n".join(["Next:", *(f"  {command}" for command in next_commands)]))
