"""Signing: read the text, say who signs or why not, write the code that was sent, and keep what was recorded."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator

from actions.access.signing_codes import LASTS, Said, attempts_left, check_code, send_code
from actions.policy import zone_of
from actions.register import register_of
from actions.review_signing import decline, sign
from models.protocol import Contact
from rules.errors import Refused
from web.declaring import PARTIES, Act, Asked, Done, Page, Shown
from web.differences import marked
from web.fields import beside, carried, choice, line, tick, words
from web.forms import Given, form_fields
from web.once import new_key
from web.parties.ended import ending, require_owed
from web.parties.signing_text import Signing, recorded, signing_of, text_to_sign

MENU = "/party"
WHO_SIGNS = "Such as Chief Executive. We do not need a name."


class TextHasChanged(Refused):
    def __init__(self, signing: Signing) -> None:
        super().__init__(
            f"The text has changed since you opened the page: version {signing.version.label} is asked for now. "
            "Nothing was signed. Read it below, then sign that one."
        )


class Reading(BaseModel):
    """The first page. What is needed beside one answer is not needed beside the other."""

    model_config = ConfigDict(validate_default=True)

    answer: str = choice(
        "What does your organisation do?",
        (("sign", "It signs"), ("decline", "It declines to sign")),
        missing="Choose whether your organisation signs or declines",
    )
    position: str | None = beside(
        line("In which position does the person sign?", hint=WHO_SIGNS, optional=True, longest=120)
    )
    declared: bool = tick("I make this declaration, and I may make it for my organisation", optional=True)
    because: str | None = beside(words(
        "Why does it decline?", optional=True, longest=5000,
        hint="Name the clause, if there is one. The secretary and the steering group read this.",
    ))  # fmt: skip
    text: str | None = carried(longest=80)

    @field_validator("position")
    @classmethod
    def _who_signs(cls, value: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("answer") == "sign" and value is None:
            raise ValueError("Enter the position of the person who signs, such as Chief Executive")
        return value

    @field_validator("declared")
    @classmethod
    def _declares(cls, value: bool, info: ValidationInfo) -> bool:
        if info.data.get("answer") == "sign" and not value:
            raise ValueError("Tick the declaration, if you may make it for your organisation")
        return value

    @field_validator("because")
    @classmethod
    def _why(cls, value: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("answer") == "decline" and value is None:
            raise ValueError("Say why your organisation declines to sign")
        return value


class Code(BaseModel):
    """The second page, with the answers of the first."""

    code: str = line(
        "What is the code?", hint="Six digits.", missing="Write the code of six digits from the e-mail",
        inputmode="numeric", autocomplete="one-time-code", width="govuk-input--width-5", longest=20,
    )  # fmt: skip
    position: str = carried(longest=120, default=...)
    text: str = carried(longest=80, default=...)

    @field_validator("code")
    @classmethod
    def _six_digits(cls, value: str) -> str:
        code = "".join(value.split())
        if len(code) != 6 or not (code.isascii() and code.isdecimal()):
            raise ValueError("The code has six digits, such as 012345: copy it from the newest e-mail")
        return code


def _contact(asked: Asked) -> Contact:
    assert asked.caller.contact is not None  # a party comes as one of its contacts
    return asked.caller.contact


def _own(signing: Signing, more: str = "") -> str:
    return f"/party/signature/{signing.duty.id}{more}"


def _about(asked: Asked, _given: object = None) -> dict[str, Any]:
    signing = signing_of(asked)
    return {
        "signing": signing, "text": text_to_sign(asked, signing), "ending": ending(asked.session, signing.duty),
        "recorded": recorded(asked.session, signing), "marked": marked, "address": _contact(asked).address,
        "own": _own(signing), "title": _title(asked),
    }  # fmt: skip


def _title(asked: Asked) -> str:
    return f"Sign version {signing_of(asked).version.label}"


def _read_it(asked: Asked, given: Reading) -> Done:
    signing = signing_of(asked)
    require_owed(signing.duty)
    if given.text != signing.mark:
        raise TextHasChanged(signing)
    if given.answer == "decline":
        decline(asked.session, asked.now, signing.version, signing.party, asked.caller.by, given.because or "")
        return Done(sentence="", to=_own(signing, "/done"))
    subject, case = signing.duty.subject or "", signing.duty.case
    send_code(asked.session, asked.now, _contact(asked), subject, case)
    carries = urlencode({"position": given.position, "text": given.text})
    return Done(sentence="", to=f"{_own(signing, '/code')}?{carries}")


def _start_code(asked: Asked) -> Mapping[str, Any]:
    """What the first page said: in the address, so that the page can be opened again."""
    return {"position": asked.query.get("position", "")[:120], "text": asked.query.get("text", "")[:80]}


def _about_code(asked: Asked, given: Given | None) -> dict[str, Any]:
    said = given.raw if given is not None else _start_code(asked)
    return _about(asked) | {
        "position": said["position"], "seen": said["text"], "minutes": int(LASTS.total_seconds() // 60),
        "title": "Check your e-mail for a code",
    }  # fmt: skip


def _sign(asked: Asked, given: Code) -> Done:
    """A wrong code is answered, not refused: that it was tried has to stay."""
    signing = signing_of(asked)
    require_owed(signing.duty)
    if given.text != signing.mark:
        raw = {"answer": "sign", "position": given.position, "declared": "", "because": "", "text": signing.mark}
        return _shown_again(asked, READ, raw, {"": str(TextHasChanged(signing))})
    subject = signing.duty.subject or ""
    found = check_code(asked.session, asked.now, _contact(asked), subject, given.code)
    if found is not Said.RIGHT:
        return _shown_again(asked, CODE, given.model_dump(), {"code": _wrong(asked, found, subject)})
    sign(
        asked.session, asked.now, signing.version, signing.party, asked.caller.by, position=given.position,
        sha256=signing.version.sha256,
    )  # fmt: skip
    return Done(sentence="", to=_own(signing, "/done"))


def _wrong(asked: Asked, found: Said, subject: str) -> str:
    if found is Said.OVER:
        return "This code does not work any more: it works once, for half an hour and five attempts. Ask for a new one"
    left = attempts_left(asked.session, _contact(asked), subject)
    return (
        f"That is not the code: copy it from the newest e-mail. You can try {left} more time{'s' if left > 1 else ''}"
    )


def _shown_again(asked: Asked, act: Act, raw: Mapping[str, Any], errors: Mapping[str, str]) -> Done:
    """The form as after any error, but what was written down on the way stays."""
    given = Given(raw=raw, errors=errors)
    about = act.before(asked, given) if act.before else {}
    listed = [{"text": sentence, "href": f"#{name or 'text'}"} for name, sentence in errors.items()]
    fields = form_fields(act.fields, given, {}, {}, zone_of(asked.protocol))
    context = {"act": act, "fields": fields, "errors": listed, "once": new_key(), "in_menu": MENU, **about}
    return Done(sentence="", to=about["own"], page=Shown(template=act.template, context=context, status=422))


def _done(asked: Asked) -> dict[str, Any]:
    signing = signing_of(asked)
    register = register_of(asked.session, asked.now, asked.protocol, signing.version)
    return _about(asked) | {"bound": register.bound, "parties": register.parties, "title": "What is recorded"}


READ = Act(
    path="/party/signature/{duty:int}", title="Sign", who=PARTIES, fields=Reading, do=_read_it, before=_about,
    template="parties/signing.html", button="Continue", in_menu=MENU,
)  # fmt: skip
CODE = Act(
    path="/party/signature/{duty:int}/code", title="Check your e-mail for a code", who=PARTIES, fields=Code, do=_sign,
    before=_about_code, start=_start_code, template="parties/signing_code.html", button="Sign", in_menu=MENU,
)  # fmt: skip
ACTS = (READ, CODE)
PAGES = (
    Page(path="/party/signature/{duty:int}/done", title="What is recorded", who=PARTIES, read=_done,
         template="parties/signing_done.html", in_menu=MENU),
)  # fmt: skip
