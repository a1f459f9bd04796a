"""Sentences of the actions as a party's page says them: a command leads to the party's own page that does the same."""

import shlex
from collections.abc import Callable, Iterable, Mapping

from rules.breach_facts import FactName, fact_called
from web.parties.breach_questions import QUESTIONS

# The command, and the page of the breach on which a party does the same.
OWN_PAGES = {
    "aware": "/aware", "conclude": "/conclude", "regime": "/regime", "notice": "/notice", "notify": "/notice/given",
    "people": "/people", "partners": "/partners", "assess": "/severity", "consult": "/consult", "lesson": "/lesson",
    "finish": "/finish", "reopen": "/reopen", "affect": "/affected", "not-affected": "/not-affected",
    "show": "", "facts": "/facts", "fact": "/facts", "hold": "/hold", "duty": "/duties",
}  # fmt: skip
TITLES = {
    "aware": "since when you have been aware", "conclude": "your conclusion", "regime": "which law you act under",
    "notice": "the notice", "notify": "record that the notice was given", "people": "telling the people concerned",
    "partners": "telling the partners", "assess": "the severity", "consult": "ask a partner",
    "lesson": "what was learnt", "finish": "finish your follow-up", "reopen": "reopen your follow-up",
    "affect": "it concerns us after all", "not-affected": "it does not concern us", "show": "this breach",
    "facts": "the facts", "fact": "the facts", "hold": "holding letters", "step": "the steps", "duty": "the duties",
}  # fmt: skip


def page_of_own(path: str) -> Callable[[str], tuple[str, str] | None]:
    """For `for_people`: of `breach …` commands about the breach at `path`."""

    def page_of(command: str) -> tuple[str, str] | None:
        words = _words(command)
        if len(words) < 2 or words[0] != "breach" or words[1] not in TITLES:
            return None
        name = words[1]
        if name == "hold":
            where = "/hold/release" if "--release" in words else "/hold/confirm" if "--confirm" in words else "/hold"
            return f"{path}{where}", TITLES[name]
        if name == "step":
            return f"{path}#steps", TITLES[name]
        if name == "duty":
            return f"{path}{_duty(words)}", TITLES[name]
        return f"{path}{OWN_PAGES[name]}", TITLES[name]

    return page_of


def quoted_page_of_own(path: str) -> Callable[[str], tuple[str, str] | None]:
    """The same where no link can stand, as in an error."""
    find = page_of_own(path)

    def page_of(command: str) -> tuple[str, str] | None:
        found = find(command)
        return (found[0], f"“{found[1]}”") if found else None

    return page_of


def _duty(words: list[str]) -> str:
    return f"/duties/{words[4]}" if len(words) > 4 and words[4].isalpha() and words[4].islower() else "#clocks"


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        return command.split()


def fact_page(path: str, subject: str) -> tuple[str, str]:
    """Where what a step waits to know is said, and the question; the risk and the score have pages of their own."""
    name = fact_called(subject)
    if subject == "risk":
        return f"{path}/conclude", "How likely is a risk to people?"
    if subject == "severity" or name is FactName.FACTORS:
        return f"{path}/severity", "How severe is the breach?"
    if name is None:
        return f"{path}/facts", subject
    return f"{path}/facts/{name.value.replace(' ', '-')}", QUESTIONS[name]


DUTIES = {
    "regulator": "telling the Information Commissioner", "people": "telling the people concerned",
    "partners": "telling the partners", "controller": "telling the controller",
}  # fmt: skip


def left_to_do(to_do: Iterable[str], steps: Mapping[str, str]) -> list[str]:
    """What has to be done before the end: steps (by what they do) and duties in words instead of their ids."""
    words = {f"“{key}”": f"“{do}”" for key, do in steps.items()} | {f"“{key}”": said for key, said in DUTIES.items()}
    said = []
    for each in to_do:
        for key, word in words.items():
            each = each.replace(key, word)
        said.append(each.replace("the duty telling", "telling"))
    return said
