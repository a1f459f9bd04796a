"""Versions: read, compared, signed or declined; and the signature register."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import acting, looking, the_protocol
from cli.options import SECRETARY, Because, By, Json, On, OnBehalf, Party, WhichProtocol
from cli.printing import counted, in_words, paragraph, say, show_json, table

if TYPE_CHECKING:
    from rules.versions import Change

version = typer.Typer(help="The protocol's versions and signatures.", no_args_is_help=True)

Label = Annotated[str, typer.Argument(metavar="LABEL", help="A version's number, such as 4.2.")]
MaybeLabel = Annotated[str | None, typer.Argument(metavar="[LABEL]", help="A version's number; otherwise all of them.")]
Position = Annotated[
    str, typer.Option("--position", metavar="POSITION", help="As what the person signs, such as “Chief Executive”.")
]
Hash = Annotated[
    str | None,
    typer.Option("--hash", metavar="SHA256", help="The hash on what was signed, or its beginning; another is refused."),
]


@version.command("show")
def show(
    label: Label,
    text: Annotated[bool, typer.Option("--text", help="All clauses with their words.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="What it changed, clause by clause.")] = False,
    protocol: WhichProtocol = None,
    as_json: Json = False,
) -> None:
    """A version: its hash, its text, what it changed."""
    from actions.clauses import current_version
    from actions.version_standing import standing_of
    from actions.versions import changes_of, previous_version, text_of, version_named

    with looking() as (session, _):
        of = the_protocol(session, protocol)
        found = version_named(session, of, label)
        standing = standing_of(session, found, current_version(session, of))
        words = text_of(session, found)
        before = previous_version(session, found)
        changed = changes_of(session, found) if found.sha256 else ()
    facts = {
        "version": found.label, "dated": found.dated_words, "in_force_from": found.in_force_from,
        "standing": standing,
        "sha256": found.sha256, "note": found.note, "review": found.review_id, "clauses": len(words),
        "before": before.label if before else None,
    }  # fmt: skip
    if as_json:
        clauses = [{"clause": key, "heading": heading, "text": said} for key, (heading, said) in words.items()]
        show_json(facts | ({"text": clauses} if text else {}) | ({"changes": changed} if diff else {}))
        return
    typer.echo(f"Version {found.label}, {found.dated_words}")
    typer.echo(f"  {standing}.")
    typer.echo(paragraph(found.note, "  ") if found.note else "  No note.")
    typer.echo(f"  SHA-256 {found.sha256}" if found.sha256 else "  Its text is not held here.")
    if text:
        for key, (heading, said) in words.items():
            typer.echo(f"\n{key}  {heading}\n{paragraph(said, '    ')}")
    if diff:
        typer.echo("\n".join(_difference(changed, before.label if before else None)))


def _difference(changed: "tuple[Change, ...]", before: str | None) -> Iterator[str]:
    if before is None:
        yield "\nThere is no earlier text to compare it with."
        return
    differ = "differs" if len(changed) == 1 else "differ"
    yield f"\nAgainst version {before}: {counted(len(changed), 'clause')} {differ}."
    for change in changed:
        yield f"\n{change.clause}"
        yield paragraph(f"- {change.before or '(new)'}", "  ", "  ")
        yield paragraph(f"+ {change.after or '(removed)'}", "  ", "  ")


@version.command("register")
def register(label: MaybeLabel = None, protocol: WhichProtocol = None, as_json: Json = False) -> None:
    """The signature register: who signed, as what, when."""
    from actions.register import register_of
    from actions.versions import version_named

    with looking() as (session, now):
        chosen = the_protocol(session, protocol)
        found = register_of(session, now, chosen, version_named(session, chosen, label) if label else None)
    if as_json:
        show_json(found)
        return
    rows = [(r.name, r.version, r.kind, r.position, r.signed_on) for r in found.rows]
    typer.echo(table(("Party", "Version", "Row", "Position", "Day"), rows, "It has no rows."))
    typer.echo(f"\n{found.bound} of {found.parties} parties have signed.")
    for what, names in (("Rows without a day", found.undated), ("No row", found.without_row)):
        if names:
            typer.echo(paragraph(f"{what}: {', '.join(names)}."))


@version.command("sign")
def sign(
    label: Label, slug: Party, position: Position, sha256: Hash = None, on: On = None,
    on_behalf_because: OnBehalf = None, protocol: WhichProtocol = None, by: By = SECRETARY, as_json: Json = False,
) -> None:  # fmt: skip
    """Record a signature under a version's text."""
    from actions.cast import party_named
    from actions.review_signing import sign as act
    from actions.versions import version_named

    with acting() as (session, now):
        chosen = the_protocol(session, protocol)
        party = party_named(session, chosen, slug)
        signed = act(
            session, now, version_named(session, chosen, label), party, by, position=position, sha256=sha256,
            signed_on=on, on_behalf_because=on_behalf_because,
        )  # fmt: skip
    assert signed.signed_on is not None
    sentence = f"{party.name} signed version {label} on {in_words(signed.signed_on)}, as {signed.position}."
    say(as_json, sentence, version=label, party=slug, signature=signed.id, signed_on=signed.signed_on)


@version.command("decline")
def decline(
    label: Label,
    slug: Party,
    because: Because,
    protocol: WhichProtocol = None,
    by: By = SECRETARY,
    as_json: Json = False,
) -> None:
    """Record that a party declines to sign, with its reason."""
    from actions.cast import party_named
    from actions.review_signing import decline as act
    from actions.versions import version_named

    with acting() as (session, now):
        chosen = the_protocol(session, protocol)
        party = party_named(session, chosen, slug)
        declined = act(session, now, version_named(session, chosen, label), party, by, because, on_behalf=True)
    say(as_json, f"{party.name} declines version {label}.", version=label, party=slug, signature=declined.id)
