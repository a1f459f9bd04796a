"""Every kind of duty has a page for whoever owes it, and one where the secretary answers for them."""

from dataclasses import replace

import pytest

from actions.listing import DutyLine
from models.obligation import ObligationKind
from models.protocol import Role
from tests.web.site import START
from web.console.on_behalf import page_on_behalf
from web.declared import ACTS, PAGES
from web.declaring import PARTIES
from web.parties.own import kinds_seen_by

OWED = DutyLine(
    number=17, case="review:1", kind="", what="", party="bedfordshire-police", role="", address="", reachable=True,
    due_on=START.date(), due_at=START, exact=False, overdue=False, left=None, outcome=None, discharged_at=None,
    discharged_by=None, why=None,
)  # fmt: skip
DECLARED = {page.path: page.who for page in PAGES} | {act.path: act.who for act in ACTS}
SUBJECTS = {"signature": "version:5.0", "advice": "proposal:3", "step": "contain"}
OF_THE_SECRETARY = {ObligationKind.DRAFTING, ObligationKind.DECISION}  # their pages are the console's


def case_of(kind: ObligationKind) -> str:
    kinds = list(ObligationKind)
    if kinds.index(kind) < kinds.index(ObligationKind.ASSESSMENT):
        return "review:1"
    return "breach:7" if kinds.index(kind) < kinds.index(ObligationKind.ACKNOWLEDGEMENT) else "complaint:12"


@pytest.mark.parametrize("kind", ObligationKind)
def test_the_secretary_finds_where_to_answer_for_whoever_owes_it(kind: ObligationKind) -> None:
    found = page_on_behalf(replace(OWED, kind=kind.value, case=case_of(kind)), SUBJECTS.get(kind.value))
    assert found is not None
    assert found[0].startswith("/console/")


@pytest.mark.parametrize(
    ("kind", "case", "path"),
    [
        ("implementation", "review:1", "/console/reviews/1/confirm/bedfordshire-police"),
        ("local action", "breach:7", "/console/breaches/actions/17"),
        ("local action", "complaint:12", "/console/complaints/local-actions/17/done"),
    ],
)
def test_what_is_put_in_place_later_is_answered_where_its_case_has_it(kind: str, case: str, path: str) -> None:
    found = page_on_behalf(replace(OWED, kind=kind, case=case))
    assert found is not None
    assert found[0] == path


def test_every_kind_that_somebody_outside_the_secretarys_office_owes_has_its_page() -> None:
    for kind in set(ObligationKind) - OF_THE_SECRETARY:
        assert f"/party/{kind.value.replace(' ', '-')}/{{duty:int}}" in DECLARED, kind


@pytest.mark.parametrize("role", Role)
def test_every_kind_that_a_role_at_a_party_sees_has_a_page_that_lets_parties_in(role: Role) -> None:
    for kind in kinds_seen_by(role):
        assert DECLARED[f"/party/{kind.value.replace(' ', '-')}/{{duty:int}}"] >= PARTIES, kind
