"""Everything that is said: one class per message, one folder of templates per class.

The classes hold plain values only: a message is rendered, tested and previewed without a database.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import ClassVar

from notifications.links import CODE, CONSOLE_PAGE, OWN_PAGE, SIGN_IN

USE_THE_CONSOLE = ("secretary", "assistant", "auditor")


@dataclass(frozen=True, kw_only=True)
class Duty:
    """What somebody owes. `what` completes "please …", such as "give feedback on the protocol".

    Where hours were counted, `due_at` is the instant and `left` the time to it: “40 minutes left”, “overdue by one
    hour”. Otherwise both are None, and the limit is the end of `due_on`.
    """

    kind: str
    party: str
    due_on: date
    overdue: bool
    what: str
    due_at: datetime | None = None
    left: str | None = None
    asked_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Message:
    """`party` is the party written to; None for the secretary and the adviser, who stand for no party.

    `secretary` is an address: answers go there. `reference` names the case and stands in the subject line.
    `in_place_of` is a sentence, where it would else have gone to somebody who is away.
    """

    # What the templates print and ask nothing else of, where a message goes to thousands: the rest is drawn once.
    PRINTED: ClassVar[tuple[str, ...]] = ()
    # Sentences in which the name of the party written to may stand, where that is printed.
    NAMING: ClassVar[tuple[str, ...]] = ()

    protocol: str
    party: str | None
    role: str
    secretary: str
    reference: str
    in_place_of: str | None = None

    @property
    def page(self) -> str | None:
        """Where the reader goes on: to a page of their own, or to the console, where they sign in. None: nowhere."""
        return CONSOLE_PAGE if self.role in USE_THE_CONSOLE else OWN_PAGE

    @property
    def folder(self) -> str:
        """`feedback_invited` for FeedbackInvited; the outbox calls it the message's kind."""
        return _folder(type(self).__name__)


@cache
def _folder(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


# Coming in


@dataclass(frozen=True, kw_only=True)
class SignInLink(Message):
    """To a console user: the link itself is written in when it is sent."""

    expires_at: datetime
    link: str = SIGN_IN

    @property
    def page(self) -> str | None:
        return None


@dataclass(frozen=True, kw_only=True)
class NewLink(Message):
    """To a contact whose link had expired."""


@dataclass(frozen=True, kw_only=True)
class SigningCodeSent(Message):
    """The second step of a signature: the code itself is written in when it is sent."""

    version: str
    expires_at: datetime
    code: str = CODE


# Feedback


@dataclass(frozen=True, kw_only=True)
class FeedbackInvited(Message):
    PRINTED = ("party", "reference")

    review_on: date
    due_on: date
    extraordinary: bool
    reasons: tuple[str, ...]
    clauses: tuple[tuple[str, str], ...]  # key, heading


@dataclass(frozen=True, kw_only=True)
class ReviewReasonAdded(Message):
    reason: str
    due_on: date
    already_answered: bool


@dataclass(frozen=True, kw_only=True)
class FeedbackReceived(Message):
    no_comments: bool
    proposals: int
    due_on: date | None  # the last day on which it may be changed in time; None: that is over
    on_behalf: bool


@dataclass(frozen=True, kw_only=True)
class FeedbackClosedUnanswered(Message):
    """The closing note to a party that did not answer. `answered_before`: it did, before it was asked again."""

    due_on: date
    answered_before: bool = False


@dataclass(frozen=True, kw_only=True)
class FeedbackSummary(Message):
    answered: tuple[str, ...]
    silent: tuple[str, ...]
    unreachable: tuple[str, ...]
    still_open: tuple[str, ...]  # who has more time, or still has some because feedback closed early
    proposals: int
    due_on: date  # by when the secretary should have sorted them
    next_commands: tuple[str, ...]
    gaps: int = 0  # on the agenda by themselves
    before: tuple[str, ...] = ()  # who answered before feedback was asked for again, and not since


@dataclass(frozen=True, kw_only=True)
class ReviewConcludedUnchanged(Message):
    review_on: date
    next_review_on: date | None


@dataclass(frozen=True, kw_only=True)
class ReviewCancelled(Message):
    because: str


# Duties: reminders, escalation, and what the secretary changes in them


@dataclass(frozen=True, kw_only=True)
class DutyReminder(Message):
    PRINTED = ("party", "reference")

    duties: tuple[Duty, ...]


@dataclass(frozen=True, kw_only=True)
class DutyEscalatedToDeputy(Message):
    PRINTED = ("party", "reference")

    duties: tuple[Duty, ...]


@dataclass(frozen=True, kw_only=True)
class DutiesEscalatedToSecretary(Message):
    duties: tuple[Duty, ...]


@dataclass(frozen=True, kw_only=True)
class DutyExtended(Message):
    """`previous_due_at` is the instant, where hours were counted; `because` is None where it stays in the record."""

    duty: Duty
    previous_due_on: date
    because: str | None
    previous_due_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class DutyWaived(Message):
    """`because` is None where it stays in the record."""

    duty: Duty
    because: str | None


@dataclass(frozen=True, kw_only=True)
class DutyDelegated(Message):
    """To both sides, or only to whoever stands in for somebody who is away: `is_delegate` is true for the one who owes
    it now. `because` as in DutyWaived."""

    duty: Duty
    to_role: str
    because: str | None
    is_delegate: bool


@dataclass(frozen=True, kw_only=True)
class RequestRefused(Message):
    """To whoever asked from their page. `asked` is "more time", "a stand-in" or "another person"; `duty` what they
    wanted more time for, None where that is not owed any more. `because` as in DutyWaived."""

    asked: str
    until: date | None
    duty: Duty | None
    because: str | None


# Advice


@dataclass(frozen=True, kw_only=True)
class AdviceRequested(Message):
    proposal: int
    clause: str
    current: str
    proposed: str
    why_major: str
    due_on: date


@dataclass(frozen=True, kw_only=True)
class AdviceReceived(Message):
    proposal: int
    clause: str
    waived: bool


# Signatures, versions, confirmations


@dataclass(frozen=True, kw_only=True)
class SignatureRequested(Message):
    version: str
    sha256: str
    declaration: str
    changes: tuple[tuple[str, str, str], ...]  # clause, before, after
    due_on: date
    replaces: str | None = None  # the version they had been asked to sign before


@dataclass(frozen=True, kw_only=True)
class SignatureRecorded(Message):
    version: str
    sha256: str
    position: str
    signed_on: date
    on_behalf: bool


@dataclass(frozen=True, kw_only=True)
class SignatureDeclined(Message):
    about_party: str
    version: str
    why: str


@dataclass(frozen=True, kw_only=True)
class DeclineRecorded(Message):
    version: str
    why: str
    on_behalf: bool


@dataclass(frozen=True, kw_only=True)
class VersionAnnounced(Message):
    version: str
    sha256: str
    changes: tuple[tuple[str, str, str], ...]  # clause, before, after
    in_force_from: date | None  # None: once what it changes has been signed
    has_declined: bool = False


@dataclass(frozen=True, kw_only=True)
class VersionAdopted(Message):
    version: str
    sha256: str
    in_force_for: int
    parties: int
    declined: tuple[str, ...]
    next_review_on: date | None
    confirmed_by: str | None  # the role that is asked; None: nobody is


@dataclass(frozen=True, kw_only=True)
class ConfirmationRequested(Message):
    version: str
    items: tuple[tuple[str, str], ...]  # key, question
    due_on: date
    has_confirmed: bool = False  # everything but these, which are new or read otherwise since


@dataclass(frozen=True, kw_only=True)
class ConfirmationReceived(Message):
    version: str
    answered: int
    items_total: int
    not_yet: tuple[tuple[str, date], ...]  # question, by when


@dataclass(frozen=True, kw_only=True)
class SuccessorAskedToAdopt(Message):
    """`sha256` is None for a version of before Concordat; `happened` says when, in words."""

    predecessor: str
    successor: str
    happened: str
    version: str
    sha256: str | None
    due_on: date


# Gaps: never anybody's own words


@dataclass(frozen=True, kw_only=True)
class GapAssigned(Message):
    """To the party that looks after it from now on. `origins`: how many cases show it."""

    gap: int
    clause: str | None
    heading: str | None  # of the clause, as it reads now
    origins: int
    urgent: bool
    opened_at: datetime


# To the secretary, about the machine


@dataclass(frozen=True, kw_only=True)
class AddressBounced(Message):
    """`command` corrects the address; the new one stands in it as ADDRESS."""

    address: str
    about_party: str
    said: str
    command: str


@dataclass(frozen=True, kw_only=True)
class SweepAlarm(Message):
    last_ended_at: datetime | None
    silent_for_hours: int


# Complaints: never anybody's own words, nor who complained


@dataclass(frozen=True, kw_only=True)
class AnalysisPaperReady(Message):
    """`earlier`: papers of periods before this one that were written with it, after an outage."""

    period: str
    earlier: int
    received: int
    determined: int
    late: int
    signals: int
    gaps: int
    command: str


# Breaches: never anybody's own words, nor who is concerned; the case is in the record


@dataclass(frozen=True, kw_only=True)
class StepAsked:
    """A step of a procedure. `instead` stands where there is no date: “at once”, “the procedure gives no time”.

    `asked` is the contact's role that was written to, None for the reader. `left` is with `due_at`, as in Duty.
    `advised_by` and `inform` are roles' names, or “sharing partners”.
    """

    what: str
    taken_by: str
    asked: str | None
    due_at: datetime | None = None
    due_on: date | None = None
    overdue: bool = False
    left: str | None = None
    instead: str | None = None
    how_counted: str | None = None
    evidence: str | None = None
    advised_by: tuple[str, ...] = ()
    inform: tuple[str, ...] = ()
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class AboutBreach:
    """`about_party` is the one whose follow-up it is, also where the secretary stands in for it; `references` are
    what reporters quote; `why_you` is a sentence.
    """

    breach: int
    references: tuple[str, ...]
    about_party: str
    why_you: str


@dataclass(frozen=True, kw_only=True)
class BreachReported(Message):
    """To the secretary. `commands` are what to do next, the most likely first."""

    breach: int
    references: tuple[str, ...]
    received_at: datetime
    parties: tuple[str, ...]
    commands: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class FollowUpOpened(AboutBreach, Message):
    """`standing` is of the procedure: “own”, “model” or “default”. The notice's limit is the one that holds if the
    party was aware when the report came, or at `noticed_at`, when by the report it was `noticed` (“detected” …)."""

    received_at: datetime
    others: tuple[str, ...]
    known: tuple[tuple[str, str], ...]
    procedure: str
    version: int
    standing: str
    steps: tuple[StepAsked, ...]
    assessment: Duty
    law: str
    law_enforcement: bool
    noticed: str | None
    noticed_at: datetime | None
    notice_due_at: datetime
    notice_overdue: bool
    notice_left: str
    notice_counted: str
    held_by: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class StepsOpened(AboutBreach, Message):
    procedure: str
    version: int
    steps: tuple[StepAsked, ...]
    held_by: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class StepsHandedOver(AboutBreach, Message):
    duties: tuple[Duty, ...]


@dataclass(frozen=True, kw_only=True)
class BreachFactsChanged(AboutBreach, Message):
    """`changed`: name, before, after; both None where the value stays in the record."""

    changed: tuple[tuple[str, str | None, str | None], ...]


@dataclass(frozen=True, kw_only=True)
class AwarenessRecorded(AboutBreach, Message):
    """`notice` is “owed”, “given” or “not required”. A processor has no 72 hours: then `due_at` and the rest of the
    limit are None."""

    aware_at: datetime
    corrected: bool
    law: str
    notice: str
    due_at: datetime | None
    overdue: bool
    left: str | None
    how_counted: str | None


@dataclass(frozen=True, kw_only=True)
class LettersHeld(AboutBreach, Message):
    held_by: str
    held_at: datetime


@dataclass(frozen=True, kw_only=True)
class LettersReleased(AboutBreach, Message):
    """`still_held_by`: holds of others that stand."""

    released_by: str
    released_at: datetime
    still_held_by: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ConsultationAsked(AboutBreach, Message):
    asked_by: str


@dataclass(frozen=True, kw_only=True)
class ConsultationAnswered(AboutBreach, Message):
    answered_by: str


@dataclass(frozen=True, kw_only=True)
class LocalActionAsked(AboutBreach, Message):
    duty: Duty


@dataclass(frozen=True, kw_only=True)
class FollowUpEnded(AboutBreach, Message):
    """`end` is a value of models.breach.FollowUpEnd."""

    end: str
    ended_at: datetime


@dataclass(frozen=True, kw_only=True)
class BreachClosed(AboutBreach, Message):
    """`outcome` is a value of models.breach.BreachOutcome."""

    outcome: str
    closed_at: datetime


@dataclass(frozen=True, kw_only=True)
class BreachReopened(AboutBreach, Message):
    """`whole`: the breach, not this party's follow-up alone. `assessment`: what is asked anew, if it is."""

    whole: bool
    assessment: Duty | None


@dataclass(frozen=True, kw_only=True)
class BreachMerged(AboutBreach, Message):
    """`differing`: what the party's two follow-ups differ in, each completing “they differ in …”."""

    into: int
    into_references: tuple[str, ...]
    differing: tuple[str, ...]


# Complaints: ids, dates and counts. No mail holds what was told, nor about whom


@dataclass(frozen=True, kw_only=True)
class ComplaintAsked(Message):
    """`about_party` is whom it is about; `why_you` a sentence. `how_counted` explains the day where the law sets it.
    `version` is the one that is asked about, where one is, and `changed` its changed clauses: key and heading."""

    PRINTED = ("complaint", "reference", "party", "about_party")
    NAMING = ("why_you",)

    complaint: int
    kind: str
    about_party: str
    received_on: date
    referred: int  # how often it has been passed on before it came here
    duty: Duty
    how_counted: str | None
    why_you: str
    version: str | None = None
    changed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class ComplaintDetermined(Message):
    """To the secretary, and to whoever answers it. `results` by issue: its number, its result, the clause; `wanting`
    finding by finding."""

    complaint: int
    about_party: str
    result: str
    results: tuple[tuple[int, str, str | None], ...]
    wanting: tuple[tuple[int, str], ...]
    can_be_told: bool  # somebody knows how to reach whoever complained
