"""The complaints of a rehearsed year.

Everything here is play. It names nobody, and no party: whom it is about is drawn from the loaded protocol, and the
clause is the first one that Concordat suggests.
"""

from dataclasses import dataclass

from models.complaint import ComplaintOutcome
from rules.complaint import ComplaintKind
from rules.determination import Answer

Y, N, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN

Four = tuple[Answer, Answer | None, Answer | None, Answer]  # covered, followed, clear, harm


@dataclass(frozen=True, kw_only=True)
class Issue:
    """`first`: what was thought of it before something unknown was found out. What follows is in `action`, `gap`,
    `breach` or `nothing`, in words; a gap with the words of an earlier one is the same gap."""

    four: Four
    because: str
    words: str | None = None
    first: Four | None = None
    action: str | None = None
    gap: str | None = None
    under_no_clause: bool = False
    breach: str | None = None
    nothing: str | None = None


@dataclass(frozen=True, kw_only=True)
class Complaint:
    """`day`: working days after the year has begun; the others are working days after that. `acknowledged` none: its
    kind is not, or it ended before. `elsewhere`: it reaches another body first."""

    kind: ComplaintKind
    says: str  # completes “complains that …”, for the timeline
    what: str
    day: int
    acknowledged: int | None = 1
    determined: int = 9
    elsewhere: bool = False
    issues: tuple[Issue, ...] = ()
    end: ComplaintOutcome | None = None
    end_because: str | None = None
    like: int | None = None  # the number of an earlier one that is about the same clause


NAMED_AS_SOURCE = "Nobody says that whoever told of a concern is left out where the purpose does not need them."
OLD_LISTS = "Nobody says how long a list of recipients may be used before somebody checks it."
ADDRESS = "A second person looks at the address before such a letter leaves."

YEAR = (
    Complaint(
        kind=ComplaintKind.PERSON, day=1, elsewhere=True,
        says="a referral named who had told of the concern, though that had been asked to stay private",
        what="I rang to say that I feared for two children and asked that nobody learn who had called. The referral "
        "that "
        "was passed on to the social workers gave my name and my address. More was shared than anybody needed to know, "
        "and my former partner found out that it was me.",
        issues=(Issue(
            four=(Y, N, N, Y),
            because="More was passed on than the purpose needed; the clause does not speak of sources.",
            action="The form for referrals leaves out who called, unless somebody says why not.", gap=NAMED_AS_SOURCE,
        ),),
    ),
    Complaint(
        kind=ComplaintKind.DISCLOSURE, day=2,
        says="a letter with a medical report went to an old address",
        what="A letter with my daughter’s medical report was posted to the wrong address, where we lived until two "
        "years "
        "ago. I had told them the new address twice. The letter was opened by strangers: it was not sent securely.",
        issues=(Issue(four=(Y, N, Y, Y),
        because="The new address was on file, and nobody looked at it.", action=ADDRESS),),
    ),
    Complaint(
        kind=ComplaintKind.CONCERN, day=3,
        says="lists of recipients are used for years and nobody checks them",
        what="As a nurse I get lists of discharged patients by e-mail every Monday, although I changed jobs in spring. "
        "Nobody seems to own the list, and I do not think that the protocol says who does.",
        issues=(Issue(
            four=(N, None, None, Y), because="The protocol says nothing of standing lists.", gap=OLD_LISTS,
            under_no_clause=True,
        ),),
    ),
    Complaint(
        kind=ComplaintKind.PERSON, day=5, like=1,
        says="a neighbour learnt who had reported the noise and the shouting next door",
        what="I reported shouting next door to the housing office. They shared my report with the police and with the "
        "neighbour’s social worker, with my name on every page, and no one needed to know it was me.",
        issues=(Issue(
            four=(Y, Y, N, Y), because="It was shared as the clause has it, and the clause does not say enough.",
            gap=NAMED_AS_SOURCE,
        ),),
    ),
    Complaint(
        kind=ComplaintKind.DISAGREEMENT, day=6,
        says="a partner refuses to share what was agreed",
        what="We asked the partner for attendance data that the agreement for the project lists. They refuse to share "
        "it and say that they need consent, although the agreement rests on a statutory duty.",
        issues=(Issue(
            four=(Y, N, Y, Y), because="The agreement lists the data and the duty.",
            action="The partner’s staff are told of the agreement, and whom to ask.",
        ),),
    ),
    Complaint(
        kind=ComplaintKind.PERSON, day=8, acknowledged=1, determined=4, end=ComplaintOutcome.WITHDRAWN,
        end_because="Whoever complained has had the answer by telephone and wants nothing more.",
        says="nobody told them with whom their notes are shared",
        what="I was never told that my notes would be shared with the council. I would like to know with whom.",
    ),
    Complaint(
        kind=ComplaintKind.PERSON, day=24, determined=3, end=ComplaintOutcome.NOT_OURS,
        end_because="It is about waiting, not about information: the body’s own procedure takes it.",
        says="an appointment was cancelled three times",
        what="My appointment was cancelled three times and nobody rang me. I waited in the corridor for four hours.",
    ),
    Complaint(
        kind=ComplaintKind.NON_COMPLIANCE, day=38,
        says="a partner sends spreadsheets without a password",
        what="For the second time this partner has e-mailed us a spreadsheet of service users without any "
        "encryption. It "
        "was not sent securely; the protocol asks for that.",
        issues=(Issue(
            four=(Y, N, Y, N), first=(Y, UNKNOWN, Y, UNKNOWN),
            because="The partner’s log shows that the file was not encrypted.",
            action="Files leave only through the secure transfer.",
        ),),
    ),
    Complaint(
        kind=ComplaintKind.PERSON, day=62,
        says="the school nurse was told of a referral",
        what="The school nurse knew of the referral about my son before I did. I do not think she needed to know.",
        issues=(Issue(
            four=(Y, Y, Y, N), because="The nurse was to visit the family, and was told only that.",
            nothing="What was shared was needed, and the family had been told that it would be.",
        ),),
    ),
    Complaint(
        kind=ComplaintKind.DISCLOSURE, day=88, acknowledged=26, determined=34, like=2,
        says="a file of somebody else lay in the envelope",
        what="In the envelope with my own letter was a page about another patient. I have sent it back. If this "
        "goes to "
        "the wrong address, where does mine go? They do not keep it secure.",
        issues=(Issue(
            four=(Y, N, Y, Y), because="Two letters were printed at once and put into one envelope.",
            action="Letters of two people are printed apart.",
        ),),
    ),
    Complaint(
        kind=ComplaintKind.PERSON, day=120, like=2,
        says="an e-mail with a list of tenants went to all tenants",
        what="An e-mail about repairs was sent to all tenants with every address for all to see, and a spreadsheet "
        "that "
        "says who is behind with the rent. It was not sent securely and my data went to the wrong people.",
        issues=(Issue(
            four=(Y, N, Y, Y), because="The addresses stood in the open, and the attachment was the wrong one.",
            breach="An e-mail to tenants showed every address, and a list of arrears was attached to it.",
        ),),
    ),
    Complaint(
        kind=ComplaintKind.PERSON, day=150,
        says="records were shared without being asked, and the copy came late",
        what="They shared my records with the housing association without asking for my consent. When I asked for a "
        "copy "
        "of what they hold, it came after four months.",
        issues=(
            Issue(
                four=(Y, N, Y, Y), words="sharing without asking",
                because="Consent was the ground, and none was asked.",
                action="The form asks for consent before the record can be sent.",
            ),
            Issue(
                four=(Y, Y, Y, N), words="the copy that came late",
                because="The month had been extended, and that was said.",
                nothing="The answer came within the time that the law gives for a request of this size.",
            ),
        ),
    ),
)  # fmt: skip
