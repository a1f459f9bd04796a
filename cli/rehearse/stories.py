"""The breaches of a rehearsed year, as plots.

Everything here is play. It names nobody, and no party: whom it happens to is drawn from the loaded protocol.
"""

from datetime import timedelta

from cli.rehearse.plots import Change, Course, Facts, Hold, Learnt, Moment, NearMiss, Plot
from models.breach import LessonEffect
from rules.breach_duties import Risk
from rules.breach_facts import FactName
from rules.severity import as_plain, read_factors


def _factors(data: str, identifying: str, *circumstances: str) -> dict[str, object]:
    return as_plain(read_factors([data], [identifying], circumstances))


# What a form asks after those facts that a story has no use for.
_REST: Facts = {
    FactName.PERSONAL_DATA: True, FactName.UNINTELLIGIBLE: False, FactName.IMMEDIATE_RISK: False,
    FactName.SIGNIFICANT_HARM: False, FactName.LARGE_NUMBER: False, FactName.ICT: False, FactName.NIS: False,
    FactName.LIKELIHOOD: 3, FactName.IMPACT: 2, FactName.PROTOCOL_BROKEN: True,
}  # fmt: skip

_SHARED_MAILBOX = "wrong recipient in the shared mailbox"

WRONG_FAMILY = Plot(
    words="a safeguarding referral has gone to the wrong family",
    weekday=4,
    room=56,
    when=(0.7, 0.95),
    occurred=Moment(0, 14, 5),
    detected=Moment(0, 16, 5),
    reported_at=Moment(0, 16, 20),
    reported={
        FactName.HAPPENED: "A safeguarding referral was sent to another family than the one it is about.",
        FactName.KIND: "breach", FactName.NATURE: ["confidentiality"],
        FactName.DATA: ["safeguarding", "social care"], FactName.PEOPLE_KINDS: ["children"], FactName.PEOPLE: 2,
    },
    assessed=_REST | {
        FactName.RECORDS: 1,
        FactName.CONSEQUENCES: "Another family knows of the referral, and might speak of it.",
        FactName.DONE: "The letter was fetched back the same evening; the mailbox asks for a second look now.",
        FactName.CAUSE: "The address was taken from another message in the shared mailbox.",
        FactName.FACTORS: _factors("sensitive=3", "0.75", "confidentiality=0.25"),
    },
    courses=(
        Course(
            aware=Moment(0, 16, 20), recorded=Moment(0, 16, 50), concludes=Moment(0, 17, 40), risk=Risk.LIKELY,
            because="Another family has read what was meant for one, and knows where it lives.",
            notice=-timedelta(hours=4, minutes=20),
            learnt=Learnt(
                effect=LessonEffect.GAP, cause=_SHARED_MAILBOX,
                words="Nobody says who checks the recipient before a referral leaves a shared mailbox.",
                remedy="A second person looks at the recipient before a referral leaves.",
            ),
        ),
        Course(
            aware=Moment(0, 18, 5), recorded=Moment(0, 18, 20), concludes=Moment(1, 14, 10), risk=Risk.HIGH,
            because="The safety of the children hangs on who knows of the referral.",
            notice=-timedelta(hours=3, minutes=20),
            learnt=Learnt(
                effect=LessonEffect.NONE, cause=_SHARED_MAILBOX,
                words="The referral had left our own office as it should.",
                none_because="The cause lay at the partner that sent it on.",
            ),
        ),
    ),
    change=Change(
        at=Moment(1, 11, 30),
        facts={FactName.PEOPLE: 4, FactName.FACTORS: _factors("sensitive=4", "0.75", "confidentiality=0.25")},
        because="The letter speaks of two more children.",
        words="two more children are concerned, four instead of two",
        concludes=Moment(1, 12, 10), risk=Risk.HIGH,
        risk_because="Four children are concerned, and what the letter says of two of them is sensitive.",
    ),
    hold=Hold(
        at=Moment(0, 18, 40), because="A letter to the family now would tell of an enquiry that is going on.",
        released=Moment(5, 11, 0), release_because="The enquiry cannot be hurt by it any more.",
    ),
)  # fmt: skip

LAPTOP = Plot(
    words="a laptop was left on a train",
    weekday=2,
    room=14,
    when=(0.1, 0.3),
    occurred=Moment(0, 8, 40),
    detected=Moment(0, 9, 15),
    reported_at=Moment(0, 9, 40),
    reported={
        FactName.HAPPENED: "A laptop of our office was left on a train.", FactName.KIND: "suspected loss",
        FactName.NATURE: ["confidentiality", "availability"], FactName.DATA: ["contact details"],
        FactName.PEOPLE_KINDS: ["service users"], FactName.ICT: True, FactName.UNINTELLIGIBLE: True,
    },
    assessed={},
    courses=(),
    near_miss=NearMiss(
        at=Moment(1, 11, 20),
        because="The laptop was handed in at the next station, shut; its disk is encrypted, and nobody had the key.",
        words="the laptop has been found, shut; its disk is encrypted",
    ),
)  # fmt: skip

LOCKED_FILES = Plot(
    words="malicious software has locked the files of one of its services",
    weekday=1,
    room=91,
    when=(0.4, 0.6),
    occurred=Moment(0, 2, 30),
    detected=Moment(0, 7, 15),
    reported_at=Moment(0, 7, 40),
    reported={
        FactName.HAPPENED: "Malicious software has encrypted the files of one service: nobody there can open them.",
        FactName.KIND: "breach", FactName.NATURE: ["availability", "confidentiality"], FactName.DATA: ["health"],
        FactName.PEOPLE_KINDS: ["patients", "service users"], FactName.ICT: True,
    },
    assessed=_REST | {
        FactName.ICT: True, FactName.PEOPLE: 1200, FactName.RECORDS: 4800, FactName.LARGE_NUMBER: True,
        FactName.SIGNIFICANT_HARM: True, FactName.LIKELIHOOD: 4, FactName.IMPACT: 4,
        FactName.CONSEQUENCES: "Appointments are put off, and somebody may have copied the records.",
        FactName.DONE: "The service is cut off; the files are restored from the copy of the night before.",
        FactName.CAUSE: "An update of the remote access had not been installed.",
        FactName.FACTORS: _factors("sensitive=4", "1", "availability=0.25", "intent=0.5"),
    },
    courses=(
        Course(
            aware=Moment(0, 9, 10), recorded=Moment(0, 9, 30), concludes=Moment(1, 15, 10), risk=Risk.HIGH,
            because="Twelve hundred people's records were in the hands of whoever locked them.",
            notice=timedelta(hours=7),
            late_because="Until the files were restored nobody could say whose records they are, and how many.",
            learnt=Learnt(
                effect=LessonEffect.ACTION, cause="an update was not installed",
                words="Updates of the remote access wait for a person who is often away.",
                remedy="Updates are installed by themselves, and a list says where they were not.", weeks=6,
            ),
        ),
    ),
    away=Moment(0, 10, 15),
)  # fmt: skip

# Of a breach that was followed up already when the rehearsal began: whatever nobody has stated by then.
UNDER_WAY: Facts = _REST | {
    FactName.KIND: "breach", FactName.NATURE: ["confidentiality"], FactName.DATA: ["contact details"],
    FactName.PEOPLE_KINDS: ["service users"], FactName.PEOPLE: 3, FactName.RECORDS: 3,
    FactName.CONSEQUENCES: "In this rehearsal: none that anybody has noticed.",
    FactName.DONE: "In this rehearsal: what could be got back was got back.",
    FactName.FACTORS: _factors("simple=2", "0.5", "confidentiality=0.25"),
}  # fmt: skip
UNDER_WAY_LEARNT = Learnt(
    effect=LessonEffect.NONE, cause="not played", words="What was learnt is not played in a rehearsal.",
    none_because="The rehearsal began when the breach had been reported already.",
)  # fmt: skip

PLOTS = (LAPTOP, LOCKED_FILES, WRONG_FAMILY)
