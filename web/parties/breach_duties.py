"""A duty that a message speaks of: what it is, how long is left, and the page that does it."""

from collections.abc import Callable, Mapping
from typing import Any

from actions.breaches.asking_lessons import FINISH
from actions.breaches.shown_party import FollowUpView
from actions.describing import asked_since
from actions.duties import said_of
from models.obligation import Obligation, ObligationKind
from models.protocol import Contact
from notifications.wording import capitalised
from web.declaring import PARTIES, Asked, Page
from web.parties.breach_counting import how_counted
from web.parties.breach_own import Mine, of_duty, view_of
from web.parties.own import own_duty

# What can be done about each: the page of the breach, and the words of its button or link; the first is the button.
WAYS = {
    ObligationKind.ASSESSMENT: (("/aware", "Say since when you have been aware"), ("/severity", "Score the severity"),
                                ("/conclude", "Conclude how likely a risk is"),
                                ("/not-affected", "It does not concern us")),
    ObligationKind.STEP: (("/steps/{subject}", "Record how this step stands"),),
    ObligationKind.NOTICE: (("/notice", "See the notice as it stands now"),
                            ("/notice/given", "Record that it was given"),
                            ("/duties/{told}", "Record why it is not required")),
    ObligationKind.TELLING_PEOPLE: (("/people", "Record that they were told"),
                                    ("/duties/people", "Record why they need not be told")),
    ObligationKind.TELLING_PARTNERS: (("/partners", "Record that they were told"),
                                      ("/duties/partners", "Record why they need not be told")),
    ObligationKind.HOLD: (("/hold/confirm", "Letters must still wait"), ("/hold/release", "Release the letters")),
    ObligationKind.LEARNING: (("/lesson", "Record what was learnt"),),
}  # fmt: skip


def _page(kind: ObligationKind) -> Page:
    name = kind.value.replace(" ", "-")
    return Page(path=f"/party/{name}/{{duty:int}}", title="What you are asked for", who=PARTIES, read=_reading(kind),
                template="parties/breach_duty.html", in_menu="/party")  # fmt: skip


def _reading(kind: ObligationKind) -> Callable[[Asked], Mapping[str, Any]]:
    def read(asked: Asked) -> Mapping[str, Any]:
        duty = own_duty(asked, kind)
        mine = of_duty(asked, duty)
        _, own = view_of(asked, mine)
        step = next((each for each in own.steps if each.step == duty.subject), None)
        counted = how_counted(asked.session, mine.breach, mine.follow_up, own)
        return {
            "title": capitalised(step.do if step and kind is ObligationKind.STEP else said_of(duty)), "duty": duty,
            "mine": mine, "own": own, "step": step if kind is ObligationKind.STEP else None,
            "contact": asked.session.get_one(Contact, duty.contact_id), "overdue": duty.is_overdue(asked.now),
            "asked_at": asked_since(asked.session, [duty]).get(duty.key),
            "counted": _counted(kind, duty, counted), "ways": _ways(kind, duty, mine, own),
        }  # fmt: skip

    return read


def _counted(kind: ObligationKind, duty: Obligation, counted: Mapping[str, str]) -> str | None:
    if kind is ObligationKind.NOTICE:
        return counted.get("notice")
    return counted.get(duty.subject or "") if kind is ObligationKind.STEP else None


def _ways(kind: ObligationKind, duty: Obligation, mine: Mine, own: FollowUpView) -> list[tuple[str, str]]:
    told = "controller" if own.capacity == "processor" else "regulator"
    ways = [(mine.path + path.format(subject=duty.subject, told=told), words) for path, words in WAYS[kind]]
    if duty.what == FINISH:
        return [(f"{mine.path}/finish", "Finish your follow-up"), (f"{mine.path}/lesson", "Record another lesson")]
    if kind is ObligationKind.ASSESSMENT and own.awareness is not None:
        ways[0], ways[2] = ways[2], (ways[0][0], "Correct since when you have been aware")
    return ways


PAGES = tuple(_page(kind) for kind in WAYS)
