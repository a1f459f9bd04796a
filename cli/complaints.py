"""Complaints: received, looked at, referred. What whoever complained is told is in `complaint_letters`, the four
answers are in `complaint_answers`, what follows from them in `complaint_effects`."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cli import complaint_answers, complaint_effects, complaint_letters, complaint_list
from cli.complaint_options import WHEN_HELP, ComplaintId, HappenedFrom, HappenedTo
from cli.complaint_suggesting import complaint as complaint
from cli.opening import acting, looking, the_protocol
from cli.options import SECRETARY, Because, By, Json, Party, WhichProtocol, one_of, text_or_file
from cli.printing import in_words, paragraph, say, show_json

STANDARD_INPUT = "-"
KINDS = "disclosure, person, partner-non-compliance, practitioner-concern, partner-disagreement"

Text = str | None
Kind = Annotated[str, typer.Option("--kind", metavar="KIND", help=f"{KINDS}.")]
About = Annotated[str, typer.Option("--about", metavar="PARTY", help="Whom it is about.")]
What = Annotated[
    Text, typer.Option("--what", metavar="TEXT", help="What is complained of, without names of third persons.")
]
WhatFile = Annotated[
    Path | None, typer.Option("--what-file", metavar="FILE", help="The same as a plain text; “-” is standard input.")
]
Wanted = Annotated[
    Text, typer.Option("--wanted", metavar="TEXT|@FILE", help="What whoever complains wants to be done.")
]
ReceivedBy = Annotated[
    Text, typer.Option("--received-by", metavar="PARTY", help="Which party got it first; otherwise the secretary.")
]
ReceivedAt = Annotated[
    Text, typer.Option("--received", metavar="WHEN", help=f"When it got it; otherwise now: {WHEN_HELP}.")
]
Reach = Annotated[
    Text,
    typer.Option("--reach", metavar="TEXT|@FILE", help="How whoever complains is answered, if it is to be kept here."),
]
Attachments = Annotated[
    list[str] | None,
    typer.Option("--attachment", metavar="REF", help="Under which name the party keeps a file; may be repeated."),
]
Key = Annotated[Text, typer.Option("--key", metavar="KEY", help="Your own name for it: sent twice, it is kept once.")]
ToParty = Annotated[
    Text, typer.Option("--party", metavar="PARTY", help="Only what this party may read: to be passed on to it.")
]


@complaint.command("receive")
def receive(
    kind: Kind, about: About, what: What = None, what_file: WhatFile = None, wanted: Wanted = None,
    received_by: ReceivedBy = None, received: ReceivedAt = None, happened_from: HappenedFrom = None,
    happened_to: HappenedTo = None, reach: Reach = None, attachments: Attachments = None, key: Key = None,
    protocol: WhichProtocol = None, by: By = SECRETARY, as_json: Json = False,
) -> None:  # fmt: skip
    """Keep a complaint as it came, and ask for its answer."""
    from actions.cast import known_id
    from actions.complaints.party_meant import slug_meant
    from actions.complaints.receiving import Received, warnings_of
    from actions.complaints.receiving import receive as act
    from actions.complaints.when import received_when
    from rules.complaint import ComplaintKind

    of_kind, told = one_of(ComplaintKind, kind, "--kind"), _told(what, what_file)
    wanted, reach = wanted and text_or_file(wanted), reach and text_or_file(reach)
    with acting() as (session, now):
        of = the_protocol(session, protocol)
        found = act(session, now, of, Received(
            kind=of_kind, what=told, about=slug_meant(session, of, about),
            received_by=slug_meant(session, of, received_by) if received_by else None,
            received_at=received_when(of, received) if received else None, happened_from=happened_from,
            happened_to=happened_to, wanted=wanted, reach=reach, attachments=attachments or (), key=key,
        ), by)  # fmt: skip
        number = known_id(found)
    warnings = warnings_of("\n".join(filter(None, (told, wanted))))
    _answer(number, warnings, as_json)


def _told(what: str | None, file: Path | None) -> str:
    """Raises NarrativeTooLong, NotReadable, OSError."""
    from actions.complaints.narratives import LARGEST_FILE, narrative_in

    if file is None:
        return what or ""
    if what is not None:
        raise typer.BadParameter("give the text itself or a file with it, not both.", param_hint="--what-file")
    if str(file) == STANDARD_INPUT:
        return narrative_in(typer.get_binary_stream("stdin").read(LARGEST_FILE + 1))
    with file.open("rb") as source:
        return narrative_in(source.read(LARGEST_FILE + 1))


def _answer(number: int, warnings: tuple[str, ...], as_json: bool) -> None:
    from actions.complaints.showing import complaint_view
    from web.waking import wake_complaint

    asleep = wake_complaint(number)
    with looking() as (session, now):
        view = complaint_view(session, now, number, suggesting=False)
    line = view.complaint
    whose = line.handler or "the secretary"
    owed = next((duty for duty in view.duties if duty.outcome is None), None)
    asked = f" By {in_words(owed.due_on)} {whose} has to {owed.what}." if owed else f" {whose} answers it."
    sentence = f"Complaint {number} ({line.kind}) about {line.party} is recorded.{asked}"
    if as_json:
        show_json({
            "done": sentence, "complaint": number, "stage": line.stage, "handler": line.handler,
            "due_on": owed.due_on if owed else None, "counted": view.counted, "version": view.version,
            "version_because": view.version_because, "warnings": warnings, "happens": asleep, "next": view.next,
        })  # fmt: skip
        return
    typer.echo(paragraph(sentence))
    for words in (view.counted, view.version_because, *(f"Look again: {warning}" for warning in warnings), asleep):
        if words:
            typer.echo(paragraph(words))
    commands = [f"concordat complaint show {number}", *view.next]
    typer.echo("\n".join(["Next:", *(f"  {command}" for command in commands)]))


@complaint.command("show")
def show(number: ComplaintId, party: ToParty = None, as_json: Json = False) -> None:
    """All of one complaint, and what to type next."""
    from actions.complaints.moving import complaint_named, protocol_of
    from actions.complaints.party_meant import slug_meant
    from actions.complaints.showing import complaint_view

    with looking() as (session, now):
        reader = slug_meant(session, protocol_of(session, complaint_named(session, number)), party) if party else None
        view = complaint_view(session, now, number, reader)
    if as_json:
        whole = asdict(view)
        show_json(whole.pop("complaint") | whole)
        return
    from cli.complaint_text import complaint_text

    typer.echo(complaint_text(view))


@complaint.command("refer")
def refer(number: ComplaintId, slug: Party, because: Because, by: By = SECRETARY, as_json: Json = False) -> None:
    """Pass it on to the body that has to answer it.

    “secretary” passes it to the secretary, where nobody knows which body that is.
    """
    from actions.complaints.moving import complaint_named, protocol_of
    from actions.complaints.party_meant import slug_meant
    from actions.complaints.referring import TO_THE_SECRETARY
    from actions.complaints.referring import refer as act

    with acting() as (session, now):
        if slug != TO_THE_SECRETARY:
            slug = slug_meant(session, protocol_of(session, complaint_named(session, number)), slug)
        act(session, now, number, slug, by, because)
    whose = "The secretary" if slug == TO_THE_SECRETARY else slug
    sentence = f"{whose} answers complaint {number} now, by the same days: a referral stops no clock."
    say(as_json, sentence, complaint=number, party=slug, next=[f"concordat complaint show {number}"])


@complaint.command("days")
def days(
    number: ComplaintId, because: Because, happened_from: HappenedFrom = None, happened_to: HappenedTo = None,
    by: By = SECRETARY, as_json: Json = False,
) -> None:  # fmt: skip
    """When it happened is known better now, and the version with it."""
    from actions.complaints.receiving import restate_days
    from actions.complaints.showing import complaint_view

    with acting() as (session, now):
        restate_days(session, now, number, happened_from, happened_to, by, because)
        session.flush()
        view = complaint_view(session, now, number, suggesting=False)
    said = f"{in_words(view.happened_from)}" if view.happened_from else "an unknown day"
    if view.happened_to and view.happened_to != view.happened_from:
        said += f" to {in_words(view.happened_to)}"
    kept = " Findings stay as they were made." if view.findings else ""
    sentence = f"Complaint {number} is about {said}. {view.version_because}{kept}"
    say(
        as_json, sentence, complaint=number, happened_from=view.happened_from, happened_to=view.happened_to,
        version=view.version, next=[f"concordat complaint show {number}"],
    )  # fmt: skip


for part in (complaint_list, complaint_letters, complaint_answers, complaint_effects):
    part.add_to(complaint)
