"""Who is asked to sign: every party a major version; a minor one is announced (protocol §15)."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlmodel import Session

from actions.cast import active_parties, lead_of
from actions.duties import discharge, note_ended, open_obligation
from actions.moving import reviews_at
from actions.policy import due_after, today_of
from actions.signatures import DECLARATION, look_whether_anybody_signed, outstanding_before, subject_of
from actions.telling import tell
from actions.versions import changes_of, changes_to_sign
from models import history
from models.obligation import Obligation, ObligationKind, Outcome
from models.protocol import Party, Protocol, Version
from models.review import Review
from notifications.messages import SignatureRequested, VersionAnnounced
from rules.review import Stage


def ask_for_signatures(session: Session, now: datetime, protocol: Protocol, review: Review, version: Version) -> None:
    """Every party owes a signature. Nobody is asked any more for one to a text that this one takes the place of."""
    outstanding = [duty for duty, _ in outstanding_before(session, version)]
    _take_the_place(session, now, outstanding, version)
    due_on = due_after(protocol, "signing", now)
    for party in active_parties(session, protocol, today_of(protocol, now)):
        ask_for_signature(session, now, protocol, review.case, version, party, due_on)
    for each in reviews_at(session, protocol, Stage.SIGNING):
        look_whether_anybody_signed(session, now, protocol, each.case)


def ask_for_signature(
    session: Session,
    now: datetime,
    protocol: Protocol,
    case: str,
    version: Version,
    party: Party,
    due_on: date,
    replaces: str | None = None,
) -> Obligation | None:
    contact = lead_of(session, party)
    key = f"{protocol.slug}:version:{version.label}:sign:{party.slug}"
    duty = open_obligation(
        session, now, protocol, key=key, case=case, kind=ObligationKind.SIGNATURE,
        contact=contact, party=party, due_on=due_on, subject=subject_of(version),
    )  # fmt: skip
    if duty is None:
        return None
    differences = tuple((c.clause, c.before, c.after) for c in changes_to_sign(session, version))
    tell(
        session, now, protocol, contact, case, f"{key}:ask",
        lambda h: SignatureRequested(
            **h, version=version.label, sha256=version.sha256 or "", changes=differences, due_on=due_on,
            replaces=replaces,
            declaration=DECLARATION.format(party=party.name, label=version.label),
        ),
        about=[duty], only_while_owed=True,
    )  # fmt: skip
    return duty


def announce(session: Session, now: datetime, protocol: Protocol, review: Review, version: Version) -> None:
    """A minor version is made known; whoever has yet to sign this line signs the newest text of it instead."""
    asked = _move_signatures_on(session, now, protocol, version)
    differences = tuple((c.clause, c.before, c.after) for c in changes_of(session, version))
    for party in active_parties(session, protocol, today_of(protocol, now)):
        if party.id in asked:
            continue  # “in force, nothing to sign” would not be true for them
        tell(
            session, now, protocol, lead_of(session, party), review.case, f"{review.case}:announced:{party.slug}",
            lambda h: VersionAnnounced(
                **h, version=version.label, sha256=version.sha256 or "", changes=differences,
                in_force_from=version.in_force_from,
            ),
        )  # fmt: skip


def _move_signatures_on(session: Session, now: datetime, protocol: Protocol, version: Version) -> set[int | None]:
    """As in 2015: 4.1 was signed by those who had not signed 4 yet. Answers the parties that are asked."""
    of_line = [(duty, old) for duty, old in outstanding_before(session, version) if old.major == version.major]
    _take_the_place(session, now, [duty for duty, _ in of_line], version)
    for duty, old in of_line:
        party = session.get_one(Party, duty.party_id)
        ask_for_signature(session, now, protocol, duty.case, version, party, duty.due_on, replaces=old.label)
    return {duty.party_id for duty, _ in of_line}


def _take_the_place(session: Session, now: datetime, duties: Sequence[Obligation], version: Version) -> None:
    why = f"Version {version.label} has taken its place."
    discharge(session, now, duties, Outcome.SUPERSEDED, history.CLOCK, why)
    note_ended(session, now, duties, history.CLOCK, why)
