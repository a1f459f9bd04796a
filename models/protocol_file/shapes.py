"""The files of a protocol's folder, each as a model of what may stand in it; the clauses are in `clauses`."""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from models.protocol import SuccessionKind
from models.protocol_file.complaints import LAW_DAYS, within_the_law
from models.protocol_file.known_dates import DateAsKnown, DateIfKnown, KnownDate
from models.protocol_file.operating import Operating
from models.protocol_file.policies import Policies
from models.protocol_file.values import (
    Address,
    Label,
    Model,
    Name,
    Note,
    Position,
    ProtocolSlug,
    Sentence,
    Slug,
    Zone,
    line,
    wrong,
)
from rules.complaint import STATUTORY
from rules.working_days import Nation

PartyKind = Literal[
    "council", "nhs-trust", "commissioning-group", "integrated-care-board", "gp", "police", "fire", "prison",
    "ambulance", "provider", "education", "government", "charity", "other",
]  # fmt: skip
LegislationKind = Literal["act", "regulations", "guidance", "common law", "website"]
LegislationStatus = Literal["in force", "repealed", "replaced", "largely replaced", "superseded", "withdrawn"]


class ProtocolContacts(Model):
    steering_group: Address = Field(alias="steering group")
    secretary: Address
    adviser: Address


class Identity(Model):
    """protocol.yaml"""

    slug: ProtocolSlug
    name: Note  # 300 characters, on one line
    short_name: Name  # as messages and their subject lines call it
    founded: DateAsKnown
    zone: Zone
    nation: Nation
    steering_group: Name
    contacts: ProtocolContacts
    policies: Policies
    operating: Operating

    @field_validator("operating")
    @classmethod
    def _within_the_law(cls, operating: Operating) -> Operating:
        """Asked of files: what a row has kept from before is read all the same, and never counted longer."""
        for kind in sorted(STATUTORY):
            if (stated := operating.of_complaints(kind).acknowledgement) and not within_the_law(stated):
                raise wrong(
                    f"at most {LAW_DAYS} days, written in days such as P30D, to acknowledge a complaint of kind "
                    f"'{kind}', and not {stated} (DPA 2018 s.164A)"
                )
        return operating


class PartyContacts(Model):
    """A role and the address it is reached at. No personal name is needed."""

    lead_member: Address = Field(alias="lead member")
    deputy: Address | None = None
    designated_person: Address | None = Field(default=None, alias="designated person")
    breach_coordinator: Address | None = Field(default=None, alias="breach coordinator")
    data_protection_officer: Address | None = Field(default=None, alias="data protection officer")
    senior_information_risk_owner: Address | None = Field(default=None, alias="senior information risk owner")
    caldicott_guardian: Address | None = Field(default=None, alias="caldicott guardian")
    complaint_handler: Address | None = Field(default=None, alias="complaint handler")


class PartyEntry(Model):
    """`left` takes a party out without forgetting it."""

    id: Slug
    name: Name
    aliases: tuple[Name, ...] = ()
    kind: PartyKind
    nation: Nation
    joined: DateIfKnown
    left: DateIfKnown = None
    contacts: PartyContacts

    @field_validator("left")
    @classmethod
    def _after_joining(cls, left: KnownDate | None, info: ValidationInfo) -> KnownDate | None:
        joined = info.data.get("joined")
        if left and joined and left.last < joined.first:
            raise wrong(f"a date after the party joined ({joined.words})")
        return left


class PartiesFile(Model):
    parties: Annotated[tuple[PartyEntry, ...], Field(min_length=1)]


class RevisionEntry(Model):
    """A line of the revision history; several numbers share one line where the document gives them one."""

    numbers: Annotated[tuple[Label, ...], Field(min_length=1)]
    dated: DateAsKnown
    standing: Literal["draft", "adopted"]
    current: bool = False
    note: Sentence

    @field_validator("current")
    @classmethod
    def _one_adopted_version(cls, current: bool, info: ValidationInfo) -> bool:
        if current and info.data.get("standing") == "draft":
            raise wrong("an adopted version to be the current one")
        if current and len(info.data.get("numbers", ())) > 1:
            raise wrong("a line with one number to be the current version")
        return current


class VersionsFile(Model):
    versions: Annotated[tuple[RevisionEntry, ...], Field(min_length=1)]


class SignatureEntry(Model):
    """A row of the register; one that was never filled in has neither position nor date."""

    party: Slug
    position: Position | None
    signed_on: DateIfKnown
    version: Label
    note: Note | None = None

    @field_validator("signed_on")
    @classmethod
    def _a_day(cls, signed_on: KnownDate | None, info: ValidationInfo) -> KnownDate | None:
        if signed_on and signed_on.day is None:
            raise wrong("the day of the signature such as 2015-08-18, or null")
        if signed_on and "position" in info.data and info.data["position"] is None:
            raise wrong("a 'position' beside the date: whoever signed had one")
        return signed_on


class RegisterFile(Model):
    signatures: tuple[SignatureEntry, ...]


class LegislationEntry(Model):
    """An item of the protocol's list of law and guidance, with where it stands today."""

    id: Slug
    title: Note
    kind: LegislationKind
    cited_at: Note
    status: LegislationStatus
    since: DateIfKnown = Field(default=None, validate_default=True)
    successor: Note | None = None
    source: Note
    clauses: tuple[Slug, ...]
    note: Sentence | None = None

    @field_validator("since")
    @classmethod
    def _said_when_it_changed(cls, since: KnownDate | None, info: ValidationInfo) -> KnownDate | None:
        if since is None and info.data.get("status") not in (None, "in force"):
            raise wrong("the date since when it has been so")
        return since


class LegislationFile(Model):
    legislation: tuple[LegislationEntry, ...]


class ChecklistEntry(Model):
    id: Slug
    clause: Slug
    question: Sentence


class ConfirmationsFile(Model):
    items: tuple[ChecklistEntry, ...]


class BodyEntry(Model):
    """An organisation that is not a party, or not yet."""

    id: Slug
    name: Name
    kind: PartyKind


class SuccessionEntry(Model):
    """One dated step from one body to another; `uncertain` says what is to be checked first."""

    from_: Slug = Field(alias="from")
    to: Slug
    on: DateAsKnown
    kind: SuccessionKind
    source: Note
    note: Note | None = None
    uncertain: Note | None = None


class LawChangeEntry(Model):
    """A change of the law and what to do about it. `clauses`: where they are not those of the item itself. `act`, its
    title, and `section`: where what changes is another Act than the item, or a part of it."""

    id: Slug
    legislation: Slug
    act: Note | None = None
    section: Annotated[str, line(80)] | None = None
    on: DateAsKnown
    clauses: tuple[Slug, ...] = ()
    sentence: Sentence
    to_do: Sentence
    source: Note


class ChangesFile(Model):
    bodies: tuple[BodyEntry, ...]
    successions: tuple[SuccessionEntry, ...]
    law: tuple[LawChangeEntry, ...]
