"""Where no mail server is configured: the messages that the local mail catcher has kept, with their links working.

Whoever reads them can act as anybody they were sent to, the secretary too. So it is only there in a demonstration, and
for the secretary.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any

from actions.cast import NotThere
from settings import settings
from web.declaring import DECIDES, Asked, Page

MENU = "/console/outbox"
SHOWN = 50
LINK = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)\]]")


@dataclass(frozen=True, kw_only=True)
class Caught:
    name: str
    from_: str
    to: str
    subject: str
    date: str


def _folder() -> Path:
    """Raises NotThere where mail is really sent."""
    if not settings().web_demonstration:
        raise NotThere("No mail is caught here: it is sent by a mail server.")
    return settings().data / "mail"


def _names() -> list[str]:
    """The newest first: their names begin with the instant."""
    folder = _folder()
    return (
        sorted((each.name for each in folder.glob("*.eml") if each.is_file()), reverse=True) if folder.is_dir() else []
    )


def _list(asked: Asked) -> dict[str, Any]:
    names, before = _names(), asked.query.get("before", "")
    beyond = [name for name in names if not before or name < before]
    shown = beyond[:SHOWN]
    return {
        "mail": [_heads(_folder() / name) for name in shown], "newest": beyond == names,
        "older": shown[-1] if len(beyond) > SHOWN else "",
    }  # fmt: skip


def _heads(file: Path) -> Caught:
    with file.open("rb") as opened:
        return _caught(file.name, BytesHeaderParser(policy=policy.default).parse(opened))


def _caught(name: str, message: Any) -> Caught:
    head = {key: str(message.get(key, "")) for key in ("From", "To", "Subject", "Date")}
    return Caught(
        name=name, from_=head["From"], to=head["To"], subject=head["Subject"] or "(no subject)", date=head["Date"]
    )


def _one(asked: Asked) -> dict[str, Any]:
    """A name is looked up among those of the folder, and never made a path of. Raises NotThere."""
    name = next((each for each in _names() if each == asked.place["name"]), None)
    if name is None:
        raise NotThere("No such message was caught.")
    message = message_from_bytes((_folder() / name).read_bytes(), policy=policy.default)
    return {"mail": _caught(name, message), "parts": list(linked(_text(message)))}


def _text(message: EmailMessage) -> str:
    body = message.get_body(preferencelist=("plain",))
    return str(body.get_content()).strip() if body is not None else "(This message has no text form.)"


def linked(text: str) -> Iterator[tuple[str, str]]:
    """The text in parts, each with the address it leads to, or none. Ours lead to these pages wherever they are."""
    at = 0
    for match in LINK.finditer(text):
        yield text[at : match.start()], ""
        own = match[0].removeprefix(settings().pages_url)
        yield match[0], own if own.startswith("/") else match[0]
        at = match.end()
    yield text[at:], ""


PAGES = (
    Page(path="/console/caught-mail", title="Caught mail", who=DECIDES, read=_list, api=False, in_menu=MENU,
         template="console/caught_mail.html"),
    Page(path="/console/caught-mail/{name}", title="Caught mail", who=DECIDES, read=_one, api=False, in_menu=MENU,
         template="console/caught_one.html"),
)  # fmt: skip
