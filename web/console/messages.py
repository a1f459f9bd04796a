"""One message as it was sent, but for what is its recipient's alone; and what a person settles about it."""

from typing import Any

from pydantic import BaseModel, model_validator

from actions.bouncing import record_bounce
from actions.cast import NotThere
from actions.listing import message_line, message_numbered
from actions.resolving import resolve_in_doubt, said_of_going, try_again
from models.outbox import Delivery, Message
from models.protocol import Contact, Party
from notifications.bounces import BounceReport, bounce_report
from notifications.links import hidden
from rules.errors import Refused
from rules.retention import GONE
from settings import settings
from web.declaring import READS, WORKS, Act, Answer, Asked, Done, Page
from web.fields import Uploaded, upload, words

MENU = "/console/outbox"
FATES = {"sent": "They have it", "send-again": "Send it again"}
# An e-mail's own styles, and nothing else: no script, no form, no picture from elsewhere.
AS_MAIL = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}


class NotSentYet(Refused):
    def __init__(self, message: Message) -> None:
        super().__init__(f"Message {message.id} is {message.state}: only one that a mail server had can come back.")


class CameBack(BaseModel):
    said: str = words(
        "What does the mail server say?", missing="Write what the mail server says", rows=3, longest=450,
        hint="As it stands in what came back, such as: 550 5.1.1 No such user.",
    )  # fmt: skip


class Report(BaseModel):
    report: Uploaded | None = upload("The delivery report, saved as a file", optional=True)
    pasted: str | None = words(
        "Or the whole report, with its headers, as text", optional=True, rows=8, longest=200_000
    )  # fmt: skip

    @model_validator(mode="after")
    def _one_of_the_two(self) -> "Report":
        if not self.report and not self.pasted:
            raise ValueError("Choose the report’s file, or paste the report")
        return self


def _message(asked: Asked) -> Message:
    return message_numbered(asked.session, asked.place["message"])


def _one(asked: Asked) -> dict[str, Any]:
    row = _message(asked)
    contact = asked.session.get_one(Contact, row.contact_id)
    party = asked.session.get(Party, contact.party_id) if contact.party_id else None
    return {
        "message": message_line(row), "from_": settings().mail_from, "reply_to": row.reply_to,
        "message_id": row.message_id, "subject": hidden(row, row.subject),
        "is_emptied": row.is_emptied, "text": GONE if row.is_emptied else hidden(row, row.text),
        "calendar": hidden(row, row.calendar) if row.calendar else None, "role": contact.role.value,
        "party": party.slug if party else None, "address_now": contact.address,
        "mail_comes_back": contact.bounced_at is not None,
        "resend_in_doubt": row.resend_in_doubt,
    }  # fmt: skip


def _html(asked: Asked) -> Answer:
    row = _message(asked)
    return Answer(
        content=(GONE if row.is_emptied else hidden(row, row.html)).encode(),
        media_type="text/html; charset=utf-8",
        headers=AS_MAIL,
    )


def _before(asked: Asked, _given: Any) -> dict[str, Any]:
    row = _message(asked)
    return {"message": message_line(row)}


def _fate(asked: Asked) -> str:
    fate = str(asked.place["fate"])
    if fate not in FATES:
        raise NotThere("A message in doubt has arrived, or is sent again.")
    return fate


def _resolve(asked: Asked, _given: Any) -> Done:
    fate, number = _fate(asked), asked.place["message"]
    row = resolve_in_doubt(asked.session, asked.now, number, asked.caller.by, arrived=fate == "sent")
    return _settled(number, row)


def _again(asked: Asked, _given: Any) -> Done:
    number = asked.place["message"]
    return _settled(number, try_again(asked.session, asked.now, number, asked.caller.by))


def _settled(number: int, row: Message) -> Done:
    """`row`: what goes, which may be another message."""
    facts = {"message": row.id, "state": row.state.value}
    return Done(sentence=said_of_going(number, row), to=f"/console/messages/{row.id}", facts=facts)


def _came_back(asked: Asked, given: CameBack) -> Done:
    """As if its delivery report had been read: a person has read it."""
    row = _message(asked)
    if row.state not in (Delivery.ACCEPTED, Delivery.IN_DOUBT):
        raise NotSentYet(row)
    report = BounceReport(
        message_id=row.message_id, recipient=row.address, status="", diagnostic=given.said, permanent=True
    )
    sentence = record_bounce(asked.session, asked.now, report, asked.caller.by)
    return Done(sentence=sentence, to=f"/console/messages/{row.id}", facts={"message": row.id})


def _report(asked: Asked, given: Report) -> Done:
    """Raises NotADeliveryReport."""
    text = given.report.text if given.report else given.pasted or ""
    report = bounce_report(text.encode())
    sentence = record_bounce(asked.session, asked.now, report, asked.caller.by)
    facts = {"message_id": report.message_id, "recipient": report.recipient, "permanent": report.permanent}
    return Done(sentence=sentence, to=MENU, facts=facts)


def _title(asked: Asked) -> str:
    return FATES[_fate(asked)]


PAGES = (
    Page(path="/console/messages/{message:int}", title="Message", who=READS, read=_one, in_menu=MENU,
         template="console/message.html"),
    Page(path="/console/messages/{message:int}/html", title="Message, as HTML", who=READS, read=_html, api=False),
)  # fmt: skip
ACTS = (
    Act(path="/console/messages/{message:int}/resolve/{fate}", title="Settle a message in doubt", who=WORKS,
        do=_resolve, button="Settle it", title_of=_title, before=_before, template="console/message_act.html",
        command="outbox resolve", in_menu=MENU,
        words="Nobody knows whether it arrived: telephone them first. Sent again, it goes to the address that is "
        "registered now. What you say here is kept in history."),
    Act(path="/console/messages/{message:int}/again", title="Try again", who=WORKS, do=_again, button="Send it again",
        before=_before, template="console/message_act.html", command="outbox again", in_menu=MENU,
        words="It goes to the address that is registered now."),
    Act(path="/console/messages/{message:int}/came-back", title="It came back", who=WORKS, fields=CameBack,
        do=_came_back, button="Record it", before=_before, template="console/message_act.html", in_menu=MENU,
        words="Nothing more is sent to that address, and correcting it is on your list."),
    Act(path="/console/messages/bounced", title="Record a delivery report", who=WORKS, fields=Report, do=_report,
        button="Record it", command="bounce", in_menu=MENU,
        words="When mail comes back, the mail server sends a report. What it says for good stops further mail to that "
        "address; one that says “delayed” is only noted."),
)  # fmt: skip
