"""Who is who: parties, their contacts, and the bodies that came after them."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import acting, looking, the_protocol
from cli.options import SECRETARY, Because, By, Json, MaybeProtocol, Number, Party, Protocol, WhichProtocol, one_of
from cli.printing import in_words, paragraph, say, show_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlmodel import Session

    from actions.directory import ContactLine
    from models import protocol as rows


contact = typer.Typer(help="Who is reached where.", no_args_is_help=True)
party = typer.Typer(help="Joining and leaving.", no_args_is_help=True)
succession = typer.Typer(help="Bodies that became others.", no_args_is_help=True)

RoleName = Annotated[
    str,
    typer.Argument(metavar="ROLE", help="lead-member, breach-coordinator …; or a protocol's secretary, adviser."),
]
Address = Annotated[str, typer.Argument(metavar="ADDRESS", help="An e-mail address.")]
Whose = Annotated[
    str, typer.Argument(metavar="PARTY", help="A party's short name; for secretary and adviser, the protocol's.")
]
Nation = Annotated[
    str, typer.Option("--nation", metavar="NATION", help="england-and-wales, scotland or northern-ireland.")
]
Kind = Annotated[str, typer.Option("--kind", metavar="KIND", help="council, police, nhs-trust, provider, other …")]
Lead = Annotated[str, typer.Option("--lead", metavar="ADDRESS", help="The lead member's e-mail address.")]
MaybeLead = Annotated[
    str | None,
    typer.Option("--lead", metavar="ADDRESS", help="Its lead member's e-mail address, unless it is a party already."),
]


def parties_command(protocol: MaybeProtocol = None, as_json: Json = False) -> None:
    """Who is party, who has left, and how each is reached."""
    from actions.directory import officer_lines, party_lines
    from actions.overview import loaded_protocols

    with looking() as (session, _):
        chosen = [the_protocol(session, protocol)] if protocol else loaded_protocols(session)
        found = {each.slug: (officer_lines(session, each), party_lines(session, each)) for each in chosen}
    if as_json:
        show_json({slug: {"officers": officers, "parties": lines} for slug, (officers, lines) in found.items()})
        return
    for slug, (officers, lines) in found.items():
        typer.echo(f"{slug}\n{_reached(officers)}")
        for line in lines:
            left = f", left {line.left_on}" if line.left_on else ""
            signed = f", signed {', '.join(line.signed)}" if line.signed else ""
            typer.echo(f"{line.party}\n{paragraph(line.name + signed + left, '    ')}\n{_reached(line.contacts)}")


def _reached(contacts: "Sequence[ContactLine]") -> str:
    return "\n".join(f"    {each.role}: {each.address}{' (bounced)' if each.bounced_at else ''}" for each in contacts)


@contact.command("set")
def contact_set(
    whose: Whose, role: RoleName, address: Address,
    protocol: WhichProtocol = None, by: By = SECRETARY, as_json: Json = False,
) -> None:  # fmt: skip
    """Name who fills a role. Somebody else is there: an absence ends. For another address of the same person, use
    `correct`."""
    from actions.membership import absent_until, filling, said_of_absence, set_contact
    from actions.policy import today_of
    from models.protocol import Role

    chosen = one_of(Role, role, "ROLE")
    with acting() as (session, now):
        of, at = place(session, whose, chosen, protocol)
        away = absent_until(filling(session, of, at, chosen), today_of(of, now))
        named = set_contact(session, now, of, at, chosen, address, by)
        absence = said_of_absence(named, away)
    sentence = f"The {chosen} of {whose} is reached at {named.address}.{absence}"
    say(as_json, sentence, contact=named.id, address=named.address)


@contact.command("correct")
def contact_correct(
    whose: Whose, role: RoleName, address: Address,
    protocol: WhichProtocol = None, by: By = SECRETARY, as_json: Json = False,
) -> None:  # fmt: skip
    """After a bounce: the new address. What bounced last is sent there, and the reminders go on. An absence goes on
    too."""
    from actions.membership import absent_until, correct_address, said_of_absence
    from actions.policy import today_of
    from models.protocol import Protocol, Role

    chosen = one_of(Role, role, "ROLE")
    with acting() as (session, now):
        found = _contact(session, whose, chosen, protocol)
        had_bounced = found.bounced_at is not None
        correct_address(session, now, found, address, by)
        today = today_of(session.get_one(Protocol, found.protocol_id), now)
        absence = said_of_absence(found, absent_until(found, today))
    again = " What had bounced is sent there." if had_bounced else ""
    say(as_json, f"The {chosen} of {whose} is reached at {address}.{again}{absence}", contact=found.id, address=address)


def place(
    session: "Session", whose: str, role: "rows.Role", protocol: str | None
) -> "tuple[rows.Protocol, rows.Party | None]":
    """The protocol and the party of a role; no party for the protocol's own officers."""
    from actions.cast import party_named, protocol_named
    from models.protocol import Role

    if role in (Role.SECRETARY, Role.ADVISER):
        return protocol_named(session, whose), None
    of = the_protocol(session, protocol)
    return of, party_named(session, of, whose)


def _contact(session: "Session", whose: str, role: "rows.Role", protocol: str | None) -> "rows.Contact":
    from actions.cast import NoContact, contact_at, known_id, officer

    of, at = place(session, whose, role, protocol)
    if at is None:
        return officer(session, known_id(of), role)
    found = contact_at(session, at, role)
    if found is None:
        raise NoContact(role, at.name)
    return found


@party.command("join")
def party_join(
    protocol: Protocol, slug: Party, name: Annotated[str, typer.Argument(metavar="NAME", help="Its full name.")],
    lead: Lead, nation: Nation, kind: Kind = "other", by: By = SECRETARY, as_json: Json = False,
) -> None:  # fmt: skip
    """Take a new party in. In the middle of a review it is asked too."""
    from actions.cast import protocol_named
    from actions.membership import join
    from rules.working_days import Nation as Nations

    where = one_of(Nations, nation, "--nation")
    with acting() as (session, now):
        joined = join(session, now, protocol_named(session, protocol), slug, name, kind, where, lead, by)
    say(as_json, f"{joined.name} is a party of {protocol}.", party=joined.slug, joined_on=joined.joined_on)


@party.command("leave")
def party_leave(
    slug: Party, because: Because, protocol: WhichProtocol = None, by: By = SECRETARY, as_json: Json = False
) -> None:
    """Record that a party has left. What it answered is kept; what it owes ends."""
    from actions.cast import party_named
    from actions.membership import leave

    with acting() as (session, now):
        gone = party_named(session, the_protocol(session, protocol), slug)
        leave(session, now, gone, by, because)
    assert gone.left_on is not None
    say(as_json, f"{gone.name} left on {in_words(gone.left_on)}.", party=gone.slug, left_on=gone.left_on)


@succession.command("list")
def succession_list(protocol: MaybeProtocol = None, as_json: Json = False) -> None:
    """Which bodies became others; what has been applied."""
    from actions.directory import succession_lines

    with looking() as (session, _):
        lines = succession_lines(session, the_protocol(session, protocol) if protocol else None)
    if as_json:
        show_json(lines)
        return
    for line in lines:
        state = f"applied {in_words(line.applied_at)}" if line.applied_at else "not applied"
        typer.echo(f"{line.number}  {line.party} → {line.successor} ({line.kind}, {state})")
        typer.echo(paragraph(f"{line.note}\nSource: {line.source}", "    "))
    if not lines:
        typer.echo("None is known.")


@succession.command("apply")
def succession_apply(number: Number, lead: MaybeLead = None, by: By = SECRETARY, as_json: Json = False) -> None:
    """Ask a successor to adopt; it inherits no signature."""
    from actions.listing import duty_lines
    from actions.membership import apply_succession

    with acting() as (session, now):
        found = _succession(session, number, lead)
        successor = apply_succession(session, now, found, lead or "", by)
        owes = any(line.kind == "signature" for line in duty_lines(session, now, party=successor))
    words = "is asked to adopt the protocol" if owes else "is a party, and is not asked to sign anything"
    say(as_json, f"{successor.name} {words}.", succession=number, successor=successor.slug, asked=owes)


def _succession(session: "Session", number: int, lead: str | None) -> "rows.Succession":
    """Raises NotThere, LeadNeeded."""
    from sqlmodel import select

    from actions.cast import NotThere
    from models.protocol import Party, Succession
    from rules.errors import Refused

    found = session.get(Succession, number)
    if found is None:
        raise NotThere(f"There is no succession {number}: see `concordat succession list`.")
    same = (Party.protocol_id == found.protocol_id, Party.slug == found.successor_slug)
    if lead is None and session.exec(select(Party).where(*same)).first() is None:
        raise Refused(f"Name the address of the lead member of {found.successor_name} (`--lead`).")
    return found
