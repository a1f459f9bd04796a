"""Visits, links and codes that are long over are forgotten, and no number is ever given a second time."""

from datetime import datetime
from typing import Any

import pytest
from sqlmodel import Session, col, select

from actions.access.forgetting import KEPT_AFTER_THE_END, forget_old_visits
from actions.access.sessions import LASTS, begin_session
from actions.access.signing_codes import send_code
from actions.access.signing_in import FIRST_LASTS, has_anybody_signed_in, make_sign_in
from models.access import ConsoleUser, SignIn, SigningCode, WebSession
from models.protocol import Contact, Protocol
from tests.web.site import Site, loaded_site


@pytest.fixture
def site(sqlite_store: Any) -> Site:
    return loaded_site(sqlite_store)


def two_of_each(session: Session, now: datetime, protocol: Protocol) -> None:
    user = session.exec(select(ConsoleUser)).first()
    assert user is not None
    contact = session.get_one(Contact, user.contact_id)
    for _ in range(2):
        begin_session(session, now, user=user)
        begin_session(session, now, contact=contact)
        make_sign_in(session, now, user, FIRST_LASTS)
        send_code(session, now, contact, "version:5.0", f"protocol:{protocol.slug}")


def numbers(site: Site) -> list[list[int]]:
    return site.acting(  # type: ignore[no-any-return]
        lambda session, *_: [
            list(session.exec(select(kind.id).order_by(col(kind.id)))) for kind in (WebSession, SignIn, SigningCode)
        ]
    )


def test_what_ended_thirty_days_ago_is_forgotten_but_for_the_newest(site: Site) -> None:
    site.acting(two_of_each)
    site.later(seconds=(KEPT_AFTER_THE_END + LASTS).total_seconds() - 1)
    site.acting(lambda session, now, _: forget_old_visits(session, now))
    assert numbers(site)[0] == [1, 2, 3, 4]
    site.later(days=1)
    assert site.acting(lambda session, now, _: forget_old_visits(session, now)) == 3
    assert numbers(site) == [[3, 4], [2], [2]]
    assert site.acting(lambda session, *_: has_anybody_signed_in(session))
    site.acting(two_of_each)
    assert numbers(site)[1:] == [[2, 3, 4], [2, 3, 4]]


def test_a_visit_that_was_ended_early_is_over_from_then(site: Site) -> None:
    site.acting(two_of_each)

    def end(session: Session, now: datetime, _: Protocol) -> None:
        visit = session.get_one(WebSession, 1)
        visit.ended_at = now
        session.add(visit)

    site.acting(end)
    site.later(seconds=KEPT_AFTER_THE_END.total_seconds())
    site.acting(lambda session, now, _: forget_old_visits(session, now))
    assert numbers(site)[0] == [2, 3, 4]
