"""One address, one account: also where two protocols have the same secretary."""

from datetime import datetime

import pytest
from sqlmodel import Session, select

from actions.access.users import LastSecretary, add_user, end_user, make_secretaries_users, user_at
from actions.cast import known_id
from models.access import ConsoleUser, Standing
from models.protocol import Contact, Protocol, Role
from tests.web.asking import every
from tests.web.site import Site


def same_secretary(session: Session, _now: datetime, of: Protocol) -> Contact:
    """A second protocol, whose secretary has the first one's address."""
    values = of.model_dump(exclude={"id"}) | {"slug": "eastshire", "short_name": "Eastshire protocol"}
    east = Protocol.model_validate(values)
    session.add(east)
    session.flush()
    first = session.exec(select(Contact).where(Contact.role == Role.SECRETARY)).one()
    address = {"protocol_id": east.id, "address": first.address.upper()}
    second = Contact.model_validate(first.model_dump(exclude={"id"}) | address)
    session.add(second)
    session.flush()
    return second


def bob(session: Session, now: datetime, of: Protocol) -> None:
    add_user(session, now, of, Standing.SECRETARY, "Bob", "bob@council.example", "test")


def test_the_same_secretary_of_two_protocols_has_one_account(site: Site) -> None:
    site.acting(same_secretary)
    assert site.acting(lambda session, now, _: make_secretaries_users(session, now)) == []


def test_whoever_was_ended_gets_no_account_by_the_other_protocol(site: Site) -> None:
    site.acting(same_secretary)
    site.acting(bob)
    site.acting(lambda session, now, _: end_user(session, now, 1, "test"))
    assert site.acting(lambda session, now, _: make_secretaries_users(session, now)) == []


def test_a_second_secretary_of_another_address_has_one_too(site: Site) -> None:
    def elsewhere(session: Session, now: datetime, of: Protocol) -> int:
        same_secretary(session, now, of).address = "east@council.example"
        return len(make_secretaries_users(session, now))

    assert site.acting(elsewhere) == 1


def two_accounts(session: Session, now: datetime, of: Protocol) -> None:
    """As earlier versions made them."""
    second = same_secretary(session, now, of)
    session.add(
        ConsoleUser(
            contact_id=known_id(second), name="secretary", standing=Standing.SECRETARY, added_at=now, added_by="start"
        )
    )


def test_an_end_is_an_end_also_where_an_address_has_two_accounts(site: Site) -> None:
    site.acting(two_accounts)
    site.acting(bob)
    [first] = every(site, Contact, Contact.role == Role.SECRETARY, Contact.protocol_id == 1)
    theirs, browser = site.program(), site.console()
    site.acting(lambda session, now, _: end_user(session, now, 1, "test"))
    assert [user.ended_at is None for user in every(site, ConsoleUser)] == [False, False, True]
    assert site.acting(lambda session, _now, _: user_at(session, first.address)) is None
    assert (theirs.get("/api/access").status_code, browser.get("/console").status_code) == (401, 303)


def test_two_accounts_of_one_address_are_one_secretary(site: Site) -> None:
    site.acting(two_accounts)
    with pytest.raises(LastSecretary):
        site.acting(lambda session, now, _: end_user(session, now, 1, "test"))
