"""What the acts about a breach share: whom they are about, where they lead back to, and who goes on afterwards."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from actions.breaches.moving import NoFollowUp, follow_up_at
from actions.breaches.showing import breach_named
from actions.cast import NotThere
from models.breach import Breach, FollowUp
from models.protocol import Party
from web.declaring import WORKS, Act, Asked, Done, Who
from web.fields import words
from web.waking import wake_breach

MENU = "/console/breaches"
OF_BREACH = "/console/breaches/{breach:int}"
OF_PARTY = OF_BREACH + "/parties/{party}"

Before = Callable[[Asked], Mapping[str, Any]]
Choices = Callable[[Asked], Mapping[str, Sequence[tuple[str, str]]]]


class Because(BaseModel):
    because: str = words(
        "Why?", missing="Say why", hint="It is kept with the record. Name nobody.", rows=3, longest=2000
    )


def breach_of(asked: Asked) -> Breach:
    """The one that the address names. Raises NotThere."""
    return breach_named(asked.session, asked.place["breach"])


def party_of(asked: Asked) -> tuple[FollowUp, Party]:
    """Of the party that the address names, whether it has ended or not. Raises NotThere."""
    try:
        return follow_up_at(asked.session, breach_of(asked), asked.place["party"])
    except NoFollowUp as none:
        raise NotThere(str(none)) from None


def page_of_breach(number: int) -> str:
    return f"/console/breaches/{number}"


def page_of_party(number: int, slug: str) -> str:
    return f"/console/breaches/{number}/parties/{slug}"


def done(asked: Asked, sentence: str, to: str | None = None, **facts: Any) -> Done:
    """Back at the page that it was done from; the follow-up goes on at once with what has become due."""
    number: int = asked.place["breach"]
    known = {"breach": number, **({"party": asked.place["party"]} if "party" in asked.place else {}), **facts}
    slug = asked.place.get("party")
    back = page_of_party(number, slug) if slug else page_of_breach(number)
    return Done(sentence=sentence, to=to or back, facts=known, wakes=lambda: wake_breach(number))


def breach_act(
    end: str, title: str, do: Callable[[Asked, Any], Done], fields: type[BaseModel] = Because, *,
    command: str | None = None, who: Who = WORKS, button: str = "Record", words: str = "", before: Before | None = None,
    start: Before | None = None, choices: Choices | None = None, grave: bool = False,
) -> Act:  # fmt: skip
    """Of a breach as a whole."""

    def about(asked: Asked, _given: Any) -> Mapping[str, Any]:
        breach = breach_of(asked)
        back = {"back": page_of_breach(breach.id or 0), "back_to": f"Breach {breach.id}", "said": ()}
        return {**back, **(before(asked) if before else {})}

    return Act(
        path=f"{OF_BREACH}/{end}", title=title, who=who, do=do, fields=fields, button=button, words=words, start=start,
        before=about, choices=choices, command=command, template="console/breach_act.html", grave=grave, in_menu=MENU,
        title_of=lambda asked: f"{title}: breach {breach_of(asked).id}",
    )  # fmt: skip


def party_act(
    end: str, title: str, heading: str, do: Callable[[Asked, Any], Done], fields: type[BaseModel] = Because, *,
    command: str | None = None, who: Who = WORKS, button: str = "Record", words: str = "", before: Before | None = None,
    start: Before | None = None, choices: Choices | None = None, grave: bool = False,
) -> Act:  # fmt: skip
    """On behalf of one party; `heading` names it as “{party}”."""

    def about(asked: Asked, _given: Any) -> Mapping[str, Any]:
        follow_up, party = party_of(asked)
        to = page_of_party(follow_up.breach_id, party.slug)
        back = {"back": to, "back_to": f"{party.name} in breach {follow_up.breach_id}", "said": ()}
        return {**back, **(before(asked) if before else {})}

    return Act(
        path=f"{OF_PARTY}/{end}", title=title, who=who, do=do, fields=fields, button=button, words=words, start=start,
        before=about, choices=choices, command=command, template="console/breach_act.html", grave=grave, in_menu=MENU,
        title_of=lambda asked: heading.format(party=party_of(asked)[1].name),
    )  # fmt: skip
