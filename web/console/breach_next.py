"""What can be done next with a breach, as links: the same list as the command line's, in the same order."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from actions.breaches.shown import BreachView
from rules.breach_facts import fact_called
from web.commands import page_of_command
from web.console.breach_facts import page_of_fact

PARTY = re.compile(r"/parties/([^/]+)(?:/steps/([^/]+))?")


@dataclass(frozen=True, kw_only=True)
class NextStep:
    """`page` is None for what happens by itself. `party`: of whom it is asked, None of the breach as a whole."""

    page: str | None
    text: str
    party: str | None = None
    step: str | None = None


def next_steps(view: BreachView) -> list[NextStep]:
    names = {each.party: each.name for each in view.follow_ups}
    steps = {(each.party, step.step): step.do for each in view.follow_ups for step in each.steps}
    return [found for command in view.next for found in _step(command.removeprefix("concordat "), names, steps)]


def _step(command: str, names: dict[str, str], steps: dict[tuple[str, str], str]) -> Iterator[NextStep]:
    if command == "sweep":
        yield NextStep(page=None, text="The follow-ups of the parties are opened by themselves, within minutes.")
        return
    if command.startswith("breach fact "):
        yield _fact(command)
        return
    if (found := page_of_command(command)) is None:
        return
    page, title = found
    match = PARTY.search(page)
    slug, step = (match[1], match[2]) if match else (None, None)
    if command.startswith("breach notice "):
        title = "Look at the notice as the record stands now"
    if slug and step:
        title = f"Record the step “{steps.get((slug, step), step)}”"
    yield NextStep(page=page, text=title, party=slug if slug in names else None, step=step)


def _fact(command: str) -> NextStep:
    """`breach fact 7 "people=VALUE"`."""
    _, _, number, pair = shlex.split(command)
    name = fact_called(pair.partition("=")[0])
    assert name is not None
    return NextStep(page=page_of_fact(int(number), name), text=f"State what is known: {name}")
