"""Versions of the text, what they changed, and who has signed them."""

from datetime import date
from typing import Any

from pydantic import BaseModel
from sqlmodel import col, select

from actions.cast import party_named
from actions.clauses import current_version
from actions.owing import waive
from actions.register import register_of
from actions.review_signing import DECLARATION, decline, sign
from actions.signatures import signing_duties
from actions.version_standing import standing_of
from actions.versions import changes_of, previous_version, text_of, version_named
from models.protocol import Party, Protocol, Version
from rules.errors import Refused
from rules.sentences import written_day
from rules.versions import changes
from web.console.reviews import of_protocol
from web.console.reviews_csv import as_csv
from web.declaring import DECIDES, READS, WORKS, Act, Answer, Asked, Done, Page
from web.fields import day, line, words
from web.waking import wake_review

MENU = "/console/reviews"
COLUMNS = ("party", "name", "version", "kind", "position", "signed_on", "note")


class SignatureOnBehalf(BaseModel):
    position: str = line(
        "In which position does the person sign?", missing="Enter the position of whoever signed", longest=120,
        hint="Such as Chief Executive.",
    )  # fmt: skip
    signed_on: date | None = day("When was it signed?", optional=True, hint="Otherwise today.")
    sha256: str | None = line(
        "The hash on what was signed", optional=True, longest=64,
        hint="Its beginning is enough, eight characters or more. That of another text is refused.",
    )  # fmt: skip
    on_behalf_because: str = words(
        "How did the signature reach you?", missing="Say how the signature reached you", rows=2, longest=1000,
        hint="Such as “signed on paper, received by post”. The party is told that you recorded it, and why.",
    )  # fmt: skip


class Declined(BaseModel):
    because: str = words("Why does it decline?", missing="Say why the party declines", rows=4, longest=2000)


class Waived(BaseModel):
    because: str = words("Why is its signature not needed?", missing="Say why the signature is not needed", rows=3,
                         longest=2000, hint="The party reads it.")  # fmt: skip


def _versions(asked: Asked) -> list[dict[str, Any]]:
    statement = select(Version).where(Version.protocol_id == asked.protocol.id)
    found = asked.session.exec(statement.order_by(col(Version.major).desc(), col(Version.minor).desc()))
    current = current_version(asked.session, asked.protocol)
    return [_facts(asked, version, current) for version in found]


def _facts(asked: Asked, version: Version, current: Version | None) -> dict[str, Any]:
    return {
        "standing": standing_of(asked.session, version, current),
        "label": version.label, "dated": version.dated_words, "in_force_from": version.in_force_from,
        "sha256": version.sha256, "note": version.note, "review": version.review_id,
    }  # fmt: skip


def _list(asked: Asked) -> dict[str, Any] | Answer:
    register = register_of(asked.session, asked.now, asked.protocol)
    if asked.query.get("as") == "csv":
        return as_csv("signatures.csv", COLUMNS, register.rows)
    return {"versions": _versions(asked), "register": register, "of": of_protocol(asked, asked.protocol)}


def _show(asked: Asked) -> dict[str, Any]:
    found = version_named(asked.session, asked.protocol, asked.place["label"])
    words, before = text_of(asked.session, found), previous_version(asked.session, found)
    against = asked.query.get("against")
    other = version_named(asked.session, asked.protocol, against) if against else before
    made = changes(text_of(asked.session, other), words) if against else changes_of(asked.session, found)
    return {
        "title": f"Version {found.label}", "others": _comparable(asked, found),
        "version": _facts(asked, found, current_version(asked.session, asked.protocol)),
        "clauses": [{"clause": key, "heading": heading, "text": said} for key, (heading, said) in words.items()],
        "against": other.label if other else None, "changes": made if found.sha256 and other else (),
        "headings": {key: heading for key, (heading, _) in words.items()},
        "register": register_of(asked.session, asked.now, asked.protocol, found),
        "of": of_protocol(asked, asked.protocol), "slug": asked.protocol.slug,
    }  # fmt: skip


def _comparable(asked: Asked, version: Version) -> list[str]:
    """Versions whose text is held here."""
    return [each["label"] for each in _versions(asked) if each["sha256"] and each["label"] != version.label]


def _signing(asked: Asked) -> tuple[Protocol, Version, Party]:
    """Raises NotThere."""
    protocol = asked.protocol
    version = version_named(asked.session, protocol, asked.place["label"])
    return protocol, version, party_named(asked.session, protocol, asked.place["party"])


def _about(asked: Asked, _given: object) -> dict[str, Any]:
    protocol, version, party = _signing(asked)
    return {
        "version": _facts(asked, version, current_version(asked.session, protocol)),
        "party": party, "of": of_protocol(asked, protocol),
        "declaration": DECLARATION.format(party=party.name, label=version.label),
    }  # fmt: skip


def _done(asked: Asked, sentence: str, **facts: Any) -> Done:
    """The last signature ends signing: the clock looks at the review."""
    protocol, version, party = _signing(asked)
    number = version.review_id
    to = f"/console/reviews/{number}#signatures" if number else f"/console/versions/{version.label}"
    return Done(
        sentence=sentence, to=to if number else to + of_protocol(asked, protocol),
        facts={"version": version.label, "party": party.slug, **facts},
        wakes=(lambda: wake_review(number)) if number is not None else None,
    )  # fmt: skip


def _sign(asked: Asked, given: SignatureOnBehalf) -> Done:
    _, version, party = _signing(asked)
    signed = sign(
        asked.session, asked.now, version, party, asked.caller.by, position=given.position, sha256=given.sha256,
        signed_on=given.signed_on, on_behalf_because=given.on_behalf_because,
    )  # fmt: skip
    assert signed.signed_on is not None
    sentence = f"{party.name} signed version {version.label} on {written_day(signed.signed_on)}, as {signed.position}."
    return _done(asked, sentence, signature=signed.id, signed_on=signed.signed_on)


def _decline(asked: Asked, given: Declined) -> Done:
    _, version, party = _signing(asked)
    row = decline(asked.session, asked.now, version, party, asked.caller.by, given.because, on_behalf=True)
    return _done(asked, f"{party.name} declines version {version.label}.", signature=row.id)


def _waive(asked: Asked, given: Waived) -> Done:
    _, version, party = _signing(asked)
    duty = next(iter(signing_duties(asked.session, version, party)), None)
    if duty is None:
        raise Refused(f"{party.name} does not owe a signature under version {version.label}.")
    waive(asked.session, asked.now, duty, asked.caller.by, given.because)
    return _done(asked, f"Version {version.label} does not wait for {party.name} any more.", obligation=duty.id)


def _act(path: str, title: str, **more: Any) -> Act:
    return Act(
        path=f"/console/versions/{{label}}/{path}/{{party}}", title=title, before=_about, in_menu=MENU,
        template="console/version_act.html",
        title_of=lambda asked: f"{title}: {_signing(asked)[2].name}", **more,
    )  # fmt: skip


PAGES = (
    Page(path="/console/versions", title="Versions and signatures", who=READS, read=_list, in_menu=MENU,
         template="console/versions.html"),
    Page(path="/console/versions/{label}", title="Version", who=READS, read=_show, in_menu=MENU,
         template="console/version.html"),
)  # fmt: skip
ACTS = (
    _act("sign", "Record a signature", who=WORKS, fields=SignatureOnBehalf, do=_sign, button="Record the signature",
         command="version sign"),
    _act("decline", "Record that a party declines", who=WORKS, fields=Declined, do=_decline, button="Record it",
         command="version decline", words="The version is then in force without this party."),
    _act("waive", "Do without a signature", who=DECIDES, fields=Waived, do=_waive, button="Do without it", grave=True,
         words="The party does not owe its signature any more, and is not bound by this version."),
)  # fmt: skip
