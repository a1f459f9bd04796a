"""Who is asked to sign: every party a major version; a minor one is announced (protocol §15)."""

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from actions.cast import active_parties, known_id, leads_of
from actions.duties import Opening, discharge, note_ended, open_obligations
from actions.moving import reviews_at
from actions.policy import due_after, today_of
from actions.signatures import DECLARATION, decliners_of, look_whether_anybody_signed, outstanding_before, subject_of
from actions.telling import Header, Told, tell_leads, tell_many
from actions.versions import changes_of, changes_to_sign
from actions.waiving import asked_of
from models import history
from models.obligation import Obligation, ObligationKind, Outcome
from models.protocol import Party, Protocol, Version
from models.review import Review
from notifications.messages import SignatureRequested, VersionAnnounced
from rules.review import Stage

Differences = tuple[tuple[str, str, str], ...]  # clause, before, after


def ask_for_signatures(session: Session, now: datetime, protocol: Protocol, review: Review, version: Version) -> None:
    """Every party owes a signature. Nobody is asked any more for one to a text that this one takes the place of."""
    outstanding = [duty for duty, _ in outstanding_before(session, version)]
    _take_the_place(session, now, outstanding, version)
    due_on = due_after(protocol, "signing", now)
    parties = active_parties(session, protocol, today_of(protocol, now))
    _ask(session, now, protocol, version, [Asked(case=review.case, party=party, due_on=due_on) for party in parties])
    for each in reviews_at(session, protocol, Stage.SIGNING):
        look_whether_anybody_signed(session, now, protocol, each.case)


def ask_for_signature(
    session: Session, now: datetime, protocol: Protocol, case: str, version: Version, party: Party, due_on: date
) -> None:
    _ask(session, now, protocol, version, [Asked(case=case, party=party, due_on=due_on)])


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Who is asked for a signature, in which case and until when; `replaces` is the version that was to be signed."""

    case: str
    party: Party
    due_on: date
    replaces: str | None = None

    def key(self, protocol: Protocol, version: Version) -> str:
        return f"{protocol.slug}:version:{version.label}:sign:{self.party.slug}"


def _ask(session: Session, now: datetime, protocol: Protocol, version: Version, those: Sequence[Asked]) -> None:
    """A few statements, however many they are. Whoever has been asked before is not asked again."""
    leads = leads_of(session, [asked.party for asked in those])
    by_key = {asked.key(protocol, version): asked for asked in those}
    opened = open_obligations(session, now, protocol, [
        Opening(
            key=key, case=asked.case, kind=ObligationKind.SIGNATURE, contact=leads[known_id(asked.party)],
            party=asked.party, due_on=asked.due_on, subject=subject_of(version),
        )
        for key, asked in by_key.items()
    ])  # fmt: skip
    differences = tuple((c.clause, c.before, c.after) for c in changes_to_sign(session, version)) if opened else ()
    tell_many(session, now, [
        Told(
            protocol=protocol, to=leads[known_id(by_key[key].party)], case=by_key[key].case, key=f"{key}:ask",
            say=_request(version, by_key[key], differences), about=[duty], only_while_owed=True,
        )
        for key, duty in opened.items()
    ])  # fmt: skip


def _request(version: Version, asked: Asked, differences: Differences) -> Callable[[Header], SignatureRequested]:
    return lambda h: SignatureRequested(
        **h, version=version.label, sha256=version.sha256 or "", changes=differences, due_on=asked.due_on,
        replaces=asked.replaces, declaration=DECLARATION.format(party=asked.party.name, label=version.label),
    )  # fmt: skip


def announce(
    session: Session, now: datetime, protocol: Protocol, review: Review, version: Version, newcomers: Set[int | None]
) -> None:
    """A minor version is made known; whoever has yet to sign this line signs the newest text of it instead.

    `newcomers` have just been asked to sign it.
    """
    asked = newcomers | _move_signatures_on(session, now, protocol, version)
    differences = tuple((c.clause, c.before, c.after) for c in changes_of(session, version))
    declined = {party.name for party in decliners_of(session, version)}
    parties = active_parties(session, protocol, today_of(protocol, now))
    tell_leads(
        # “in force, nothing to sign” would not be true for those that are asked
        session, now, protocol, [party for party in parties if party.id not in asked], review.case, "announced",
        lambda h: VersionAnnounced(
            **h, version=version.label, sha256=version.sha256 or "", changes=differences,
            in_force_from=version.in_force_from, has_declined=h["party"] in declined,
        ),
    )  # fmt: skip


def _move_signatures_on(session: Session, now: datetime, protocol: Protocol, version: Version) -> set[int | None]:
    """As in 2015: 4.1 was signed by those who had not signed 4 yet. Answers the parties that are asked."""
    of_line = [(duty, old) for duty, old in outstanding_before(session, version) if old.major == version.major]
    _take_the_place(session, now, [duty for duty, _ in of_line], version)
    who = asked_of(session, [duty for duty, _ in of_line])
    _ask(session, now, protocol, version, [
        Asked(case=duty.case, party=who[known_id(duty)][1], due_on=duty.due_on, replaces=old.label)
        for duty, old in of_line
    ])  # fmt: skip
    return {duty.party_id for duty, _ in of_line}


def _take_the_place(session: Session, now: datetime, duties: Sequence[Obligation], version: Version) -> None:
    why = f"Version {version.label} has taken its place."
    discharge(session, now, duties, Outcome.SUPERSEDED, history.CLOCK, why)
    note_ended(session, now, duties, history.CLOCK, why)
