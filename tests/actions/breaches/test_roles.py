"""“You get this because …”: a sentence, whichever role a procedure names, whoever stands in, whoever is away."""

import re
from collections.abc import Iterator
from datetime import date
from itertools import combinations
from pathlib import Path

import pytest
from sqlmodel import Session, select

from actions.breaches.roles import asked_as, asked_for
from models.procedure_file import read_procedure
from models.protocol import Contact, Party, Role
from rules.procedures import Procedure
from tests.actions.world import World

ROOT = Path(__file__).parents[3] / "protocols"
FILES = [*sorted((ROOT / "bedfordshire" / "procedures").glob("*.yaml")), ROOT / "default-procedure.yaml"]
TODAY = date(2026, 10, 23)
NAMED = (Role.COORDINATOR, Role.DPO, Role.SIRO)
WRONG = re.compile(r"\b(the|its|an?) (the|its|whoever|another|an?)\b|\bits .* its\b")


@pytest.fixture
def council(world: World) -> Iterator[tuple[Session, Party]]:
    """With nobody at all, inside a transaction that is not kept."""
    with world.act() as session:
        party = session.exec(select(Party).where(Party.slug == "council")).one()
        for contact in session.exec(select(Contact).where(Contact.party_id == party.id)):
            contact.bounced_at = None
        yield session, party


def stand(session: Session, party: Party, here: tuple[Role, ...], away: tuple[Role, ...]) -> None:
    held = {each.role: each for each in session.exec(select(Contact).where(Contact.party_id == party.id))}
    for role in {*here, *away} - set(held):
        held[role] = Contact(
            protocol_id=party.protocol_id, party_id=party.id, role=role, address=f"{role.name.lower()}@council.example"
        )  # fmt: skip
        session.add(held[role])
    for role, contact in held.items():
        contact.away_until = TODAY if role in away else None
    session.flush()


def sentences(session: Session, party: Party, procedure: Procedure) -> Iterator[str]:
    for role in procedure.roles:
        yield asked_for(session, TODAY, party, procedure, role).why
    yield asked_as(session, TODAY, party, Role.COORDINATOR, Role.DPO).why


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_role_and_stand_in_makes_a_sentence(council: tuple[Session, Party], file: Path) -> None:
    session, party = council
    procedure = read_procedure(file)
    everybody = (*NAMED, Role.LEAD_MEMBER)
    said = set()
    for count in range(len(everybody) + 1):
        for away in combinations(everybody, count):
            stand(session, party, NAMED, away)
            said |= set(sentences(session, party, procedure))
    assert [why for why in said if WRONG.search(why) or "  " in why] == []
    assert any("whoever notices it, for whom there is no address here" in why for why in said)


def test_who_is_away_is_said(council: tuple[Session, Party]) -> None:
    session, party = council
    procedure = read_procedure(ROOT / "bedfordshire" / "procedures" / "council.yaml")
    stand(session, party, (Role.DPO,), (Role.COORDINATOR,))
    assert asked_for(session, TODAY, party, procedure, "coordinator").why == (
        "the procedure of Westshire Council gives this to the breach coordinator, who is away, and you are the data "
        "protection officer"
    )
    assert asked_for(session, TODAY, party, procedure, "staff").why == (
        "the procedure of Westshire Council gives this to whoever notices it, for whom there is no address here; the "
        "breach coordinator is away; and you are the data protection officer"
    )
    assert asked_as(session, TODAY, party, Role.COORDINATOR, Role.DPO).why == (
        "the breach coordinator of Westshire Council is away, and you are its data protection officer"
    )
