"""Sentences name commands; a page names the page that does the same. Which that is, the acts say themselves."""

import re
import shlex
from functools import cache
from urllib.parse import urlencode

from models.access import Standing
from web.declaring import Act, Page, Who

PLACES = re.compile(r"\{(\w+)(?::\w+)?\}")

# Commands that only show: the page that shows the same.
SHOWN = {
    "status": ("/console", "the first page"),
    "matters": ("/console/matters", "your list"),
    "parties": ("/console/parties", "the parties"),
    "protocols": ("/protocols", "the protocols"),
    "outbox": ("/console/outbox", "the outbox"),
    "forecast": ("/console/forecast", "the forecast"),
    "obligation list": ("/console/obligations", "what is owed"),
    "review list": ("/console/reviews", "the reviews"),
    "breach list": ("/console/breaches", "the breaches"),
    "complaint list": ("/console/complaints", "the complaints"),
    "gap list": ("/console/gaps", "the gaps"),
    "legislation list": ("/console/legislation", "the legislation"),
    "succession list": ("/console/successions", "the successions"),
    "procedure list": ("/console/procedures", "the procedures"),
    "review show": ("/console/reviews/{}", "review {}"),
    "breach show": ("/console/breaches/{}", "breach {}"),
    "breach facts": ("/console/breaches/{}/facts", "what is known of breach {}"),
    "breach fact": ("/console/breaches/{}/facts", "what is known of breach {}"),
    "breach notice": ("/console/breaches/{}/parties/{}/notice", "the notice of breach {}"),
    "severity": ("/console/severity", "How severe is it?"),
    "complaint show": ("/console/complaints/{}", "complaint {}"),
    "gap show": ("/console/gaps/{}", "gap {}"),
    "complaint letter": ("/console/complaints/{}/letters/{}", "the letter of complaint {} ({})"),
    "complaint paper": ("/console/complaints/papers", "the papers on complaints"),
    "complaint signals": ("/console/complaints/papers", "the questions that the numbers raise"),
    "trace": ("/console/threads/{}", "the thread of {}"),
    "verify": ("/console/proof", "the proof"),
    "sweep": ("/console/runs", "the automatic runs"),
    "deliver": ("/console/runs", "the automatic runs"),
    "nightly": ("/console/runs", "the automatic runs"),
    "procedure show": ("/console/procedures/{}", "the procedure {}"),
    "proposal show": ("/console/proposals/{}", "proposal {}"),
    "version show": ("/console/versions/{}", "version {}"),
    "version register": ("/console/versions", "the register of signatures"),
    "legislation show": ("/console/legislation/acts/{}", "the Act"),
    "history": ("/console/history/{}", "the history of {}"),
    "retention list": ("/console/retention", "how long words are kept"),
    "retention emptied": ("/console/retention", "how long words are kept"),
    "message show": ("/console/messages/{}", "message {}"),
}

# What only whoever runs it does, where it runs; why a page cannot, or should not.
OF_THE_OPERATOR = {
    "up": "it starts what serves the pages",
    "sign-in": "it prints a link for whoever cannot be sent one",
    "upgrade": "the pages do not work before it",
    "backup": "it writes a file on the server",
    "restore": "the pages do not work while it runs",
    "rehearse": "it plays a year in a store of its own, for minutes",
    "complaint suggest": "it is asked about a text that is no complaint; a complaint's page shows what is suggested",
    "deadline": "a calculator that knows no case",
    "procedure check": "it is for whoever writes the file, before there is a procedure",
}

# Where a sentence leaves open which one is meant: the page on which it is chosen.
LEFT_OPEN = {
    "contact set": ("/console/parties", "the page of the party"),
    "contact correct": ("/console/parties", "the page of the party"),
    "legislation change": ("/console/legislation/change", "record a change of the law"),
    "legislation show": ("/console/legislation", "the legislation"),
    "breach step": ("/console/breaches/{}/parties/{}", "the steps of the procedure"),
    "matter close": ("/console/matters", "take it off your list"),
}


# ... and where a command is only named, without anything behind it, by its first word.
OF_GROUP = {
    "review": ("/console/reviews", "the reviews"),
    "confirm": ("/console/reviews", "the reviews"),
    "breach": ("/console/breaches", "the breaches"),
    "complaint": ("/console/complaints", "the complaints"),
    "gap": ("/console/gaps", "the gaps"),
    "contact": ("/console/parties", "the page of the party"),
    "party": ("/console/parties", "the parties"),
    "obligation": ("/console/obligations", "what is owed"),
    "message": ("/console/outbox", "the outbox"),
    "retention": ("/console/retention", "how long words are kept"),
    "trace": ("/console/threads", "the threads"),
    "history": ("/console/history", "who did what"),
}


def page_of_command(command: str) -> tuple[str, str] | None:
    """Its address and its title; None where no page does the same, as for `concordat backup`."""
    words, protocol = _without_protocol(_words(command))
    found = _page_of(words)
    return (f"{found[0]}?{urlencode({'protocol': protocol})}", found[1]) if found and protocol else found


def _without_protocol(words: list[str]) -> tuple[list[str], str | None]:
    """`--protocol NAME` belongs to no place of a page: it stands behind the address."""
    if "--protocol" not in words[:-1]:
        return words, None
    at = words.index("--protocol")
    return [*words[:at], *words[at + 2 :]], words[at + 1] if is_place(words[at + 1]) else None


def _page_of(words: list[str]) -> tuple[str, str] | None:
    for length in (3, 2, 1):
        name = " ".join(words[:length])
        if name in SHOWN and len(words[:length]) == length:
            return _shown(SHOWN[name], words[length:]) or _left_open(name, words[length:])
        if name in acts_by_command() and len(words[:length]) == length:
            return _act(acts_by_command()[name], words[length:]) or _left_open(name, words[length:])
    return None


def _left_open(name: str, arguments: list[str]) -> tuple[str, str] | None:
    chosen = _shown(LEFT_OPEN[name], arguments) if name in LEFT_OPEN else None
    return chosen or (None if arguments else OF_GROUP.get(name.partition(" ")[0]))


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        return command.split()


def _shown(page: tuple[str, str], arguments: list[str]) -> tuple[str, str] | None:
    """Its places are filled in their order; where one is missing, or left open as in `PARTY`, there is no link."""
    path, title = page
    named = [each for each in arguments if not each.startswith("-")][: path.count("{}")]
    if len(named) < path.count("{}") or not all(map(is_place, named)):
        return None
    return path.format(*named), title.format(*named)


def is_place(value: str) -> bool:
    """`PARTY`: the sentence leaves it open. `..` would be a place one up."""
    return not value.isupper() and re.fullmatch(r"[\w:-][\w.:-]*", value) is not None


def _act(act: Act, arguments: list[str]) -> tuple[str, str] | None:
    """The command's arguments fill the address in their order; where one is missing, there is no link."""
    path, values = act.path, [each for each in arguments if not each.startswith("-")]
    for place, value in zip(PLACES.finditer(act.path), values, strict=False):
        if not is_place(value):
            return None
        path = path.replace(place[0], value)
    return None if "{" in path else (path, act.title)


def lets_in(address: str, standing: Standing) -> bool:
    """Whether the page or the form there is for somebody of that standing; an address of ours that is none is not."""
    path = re.split(r"[?#]", address, maxsplit=1)[0]
    return standing in next((who for pattern, who in _declared() if pattern.fullmatch(path)), ())


@cache
def _declared() -> tuple[tuple[re.Pattern[str], Who], ...]:
    """In the router's order: the first that fits is the one."""
    from web.declared import ACTS, PAGES

    declared: tuple[Page | Act, ...] = (*PAGES, *ACTS)
    return tuple((_pattern(each.path), each.who) for each in declared)


def _pattern(path: str) -> re.Pattern[str]:
    at, parts = 0, []
    for place in PLACES.finditer(path):
        parts += [re.escape(path[at : place.start()]), r"\d+" if ":int}" in place[0] else "[^/]+"]
        at = place.end()
    return re.compile("".join(parts) + re.escape(path[at:]))


@cache
def acts_by_command() -> dict[str, Act]:
    from web.declared import ACTS

    return {act.command: act for act in ACTS if act.command}
