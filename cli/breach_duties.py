"""What the law asks of one party after a breach: awareness, conclusion, the regulator, the people, the partners."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli.breach_options import At, BreachId, Late, MaybeToldAt, ToldAt, instant
from cli.opening import acting, looking
from cli.options import SECRETARY, Because, By, Json, MaybeBecause, Party, name_of, one_of
from cli.printing import in_words, paragraph, say, show_json
from rules.breach_duties import Capacity, DutyKind, Regime, Risk
from rules.regulator_notice import missing_in_words

if TYPE_CHECKING:
    from sqlmodel import Session

    from actions.breaches.shown_party import FollowUpView

Who = Annotated[str, typer.Option("--who", metavar="ROLE", help="Who had reasonable certainty, as a role.")]
RiskWord = Annotated[
    str,
    typer.Argument(metavar="RISK", help="not-about-living-people, unlikely, likely or high: to the people concerned."),
]
RegimeWord = Annotated[str, typer.Argument(metavar="REGIME", help="uk-gdpr or law-enforcement.")]
CapacityWord = Annotated[
    str, typer.Option("--capacity", metavar="CAPACITY", help="controller, or processor for another party.")
]
ConcludedBy = Annotated[
    str,
    typer.Option(
        "--by", metavar="ROLE", callback=name_of, help="Who concludes, as a role at the party; else the secretary."
    ),
]
Answer = Annotated[str, typer.Argument(metavar="required|not-required", help="What the law asks of it.")]
Duty = Annotated[str, typer.Argument(metavar="DUTY", help="regulator, people, partners or controller.")]
RegulatorReference = Annotated[
    str | None, typer.Option("--regulator-reference", metavar="TEXT", help="The number the regulator gave.")
]
How = Annotated[str | None, typer.Option("--how", metavar="TEXT", help="How they were told: by letter, in person …")]
NotRequired = Annotated[bool, typer.Option("--not-required", help="They need not be told; --because says why.")]


def add_to(breach: typer.Typer) -> None:
    commands: dict[str, Callable[..., None]] = {
        "aware": aware, "conclude": conclude, "regime": regime, "duty": duty, "notice": notice, "notify": notify,
        "people": people, "partners": partners,
    }  # fmt: skip
    for name, command in commands.items():
        breach.command(name)(command)


def _view(session: "Session", now: datetime, number: int, slug: str) -> "FollowUpView":
    from actions.breaches.showing import breach_named
    from actions.breaches.showing_party import follow_up_views

    session.flush()
    [view] = follow_up_views(session, now, breach_named(session, number), slug)
    return view


def _aware_before(session: "Session", now: datetime, number: int, slug: str) -> datetime | None:
    from actions.breaches.showing import breach_named
    from actions.breaches.showing_party import follow_up_views

    known = [each.awareness for each in follow_up_views(session, now, breach_named(session, number), slug)]
    return known[0].aware_at if known and known[0] else None


def aware(
    number: BreachId, slug: Party, at: At, who: Who, because: Because, by: By = SECRETARY, as_json: Json = False
) -> None:
    """Since when the party is aware: the 72 hours run from it."""
    from actions.breaches.awareness import record_awareness

    with acting() as (session, now):
        aware_at = instant(session, number, at)
        before = _aware_before(session, now, number, slug)
        record_awareness(session, now, number, slug, aware_at, who, by, because)
        view = _view(session, now, number, slug)
    corrected = f", corrected from {in_words(before)}" if before and before != aware_at else ""
    due = next((each for each in view.duties if each.kind is DutyKind.REGULATOR and each.due_at), None)
    left = f" The 72 hours end on {in_words(due.due_at)}: {due.left}." if due and due.due_at and due.left else ""
    say(
        as_json, f"{view.name} has been aware since {in_words(aware_at)}{corrected}.{left}", breach=number,
        party=slug, aware_at=aware_at, corrected_from=before if corrected else None,
        due_at=due.due_at if due else None, left=due.left if due else None,
        next=[f"concordat breach conclude {number} {slug} RISK --because TEXT"] if view.conclusion is None else (),
    )  # fmt: skip


def conclude(
    number: BreachId, slug: Party, risk: RiskWord, because: Because, by: ConcludedBy = SECRETARY, as_json: Json = False
) -> None:
    """What a person at the party (`--by`) concludes in law, and why."""
    from actions.breaches.concluding import conclude as act

    chosen = one_of(Risk, risk, "RISK")
    with acting() as (session, now):
        doubts = act(session, now, number, slug, chosen, by, because)
        view = _view(session, now, number, slug)
    sentences = [_concluded(view.name, chosen, by), *(f"Look again: {doubt}" for doubt in doubts)]
    sentences += [f"{each.kind}: {_required(each.required)}{f', {each.because}' if each.because else ''}."
                  for each in view.duties]  # fmt: skip
    duties = {each.kind.value: {"required": each.required, "because": each.because} for each in view.duties}
    say(as_json, "\n".join(sentences), breach=number, party=slug, risk=chosen.value, doubts=doubts, duties=duties)


def _concluded(name: str, risk: Risk, by: str) -> str:
    whose = f"Recorded as the conclusion of {by}."
    ask = " If somebody at the party concluded it, record it again with their role (`--by ROLE`)."
    return f"{name} concludes: {risk}. {whose}{ask if by == SECRETARY else ''}"


def _required(required: bool | None) -> str:
    return {None: "not decided", True: "required", False: "not required"}[required]


def regime(
    number: BreachId, slug: Party, which: RegimeWord, because: Because, capacity: CapacityWord = "controller",
    by: By = SECRETARY, as_json: Json = False,
) -> None:  # fmt: skip
    """Under which Act, and as what, the party acts in this breach."""
    from actions.breaches.regime import set_regime

    chosen, acts_as = one_of(Regime, which, "REGIME"), one_of(Capacity, capacity, "--capacity")
    with acting() as (session, now):
        set_regime(session, now, number, slug, chosen, acts_as, by, because)
    sentence = f"{slug} acts as {acts_as} under the {chosen} regime."
    say(as_json, sentence, breach=number, party=slug, regime=chosen.value, capacity=acts_as.value)


def duty(
    number: BreachId, slug: Party, kind: Duty, answer: Answer, because: Because, by: By = SECRETARY,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Decide one duty otherwise than the conclusion did."""
    from actions.breaches.deciding import decide_duty

    chosen = one_of(DutyKind, kind, "DUTY")
    words = answer.strip().casefold().replace(" ", "-")
    if words not in ("required", "not-required"):
        raise typer.BadParameter(f"“{answer}” is neither.", param_hint="required|not-required")
    with acting() as (session, now):
        decide_duty(session, now, number, slug, chosen, by, because, required=words == "required")
    sentence = f"{slug}, {chosen}: {words.replace('-', ' ')}."
    say(as_json, sentence, breach=number, party=slug, duty=chosen.value, required=words == "required")


def notice(number: BreachId, slug: Party, as_json: Json = False) -> None:
    """The notice to the regulator as the record stands now."""
    from actions.breaches.drafting import draft_notice
    from actions.breaches.moving import follow_up_at
    from actions.breaches.showing import breach_named

    with looking() as (session, now):
        breach = breach_named(session, number)
        follow_up, _ = follow_up_at(session, breach, slug)
        draft = draft_notice(session, now, breach, follow_up)
        view = _view(session, now, number, slug)
    told_to = (DutyKind.REGULATOR, DutyKind.CONTROLLER)
    needless = next((each for each in view.duties if each.kind in told_to and each.required is False), None)
    missing, restate = draft.notice.missing, draft.notice.to_restate
    if as_json:
        facts = {"breach": number, "party": slug, "complete": draft.notice.complete, "missing": missing}
        facts |= {"required": needless is None}
        show_json(facts | {"to_restate": restate, "content": draft.content, "text": draft.text})
        return
    if needless:
        typer.echo(paragraph(f"No notice is required of {view.name}, because {needless.because}.") + "\n")
    typer.echo(draft.text.rstrip())
    if missing:
        words = ", ".join(missing_in_words(missing))
        typer.echo("\n" + paragraph(f"Nobody has said yet: {words}. What is missing may follow later."))
    for each in draft.notice.suspicious:
        typer.echo("\n" + paragraph(f"“{each.field}” is left out, because it holds {each.looks}: state it anew."))


def notify(
    number: BreachId, slug: Party, at: At, regulator_reference: RegulatorReference = None, late_because: Late = None,
    by: By = SECRETARY, as_json: Json = False,
) -> None:  # fmt: skip
    """The regulator was told; of a processor, its controller."""
    from actions.breaches.notifying import record_notice

    with acting() as (session, now):
        given_at = instant(session, number, at)
        record_notice(session, now, number, slug, given_at, by, regulator_reference, late_because)
        view = _view(session, now, number, slug)
    last = view.notices[-1] if view.notices else None
    missing = last.missing if last else ()
    sentence = f"{view.name}: the notice of {in_words(given_at)} is recorded"
    sentence += f"; still missing: {', '.join(missing_in_words(missing))}." if missing else ", complete."
    say(
        as_json, sentence, breach=number, party=slug, given_at=given_at, number=last.number if last else None,
        kind=last.kind if last else None, missing=missing,
    )  # fmt: skip


def people(
    number: BreachId, slug: Party, told_at: MaybeToldAt = None, how: How = None, not_required: NotRequired = False,
    because: MaybeBecause = None, by: By = SECRETARY, as_json: Json = False,
) -> None:  # fmt: skip
    """Record that the people concerned were told, or need not be."""
    from actions.breaches.people import people_not_told, people_told

    if not_required is (told_at is not None):
        raise typer.BadParameter("give one of the two.", param_hint="--told-at, --not-required")
    with acting() as (session, now):
        if not_required:
            people_not_told(session, now, number, slug, by, because or "")
            words = "need not be told; the reason is recorded"
        else:
            at, before = instant(session, number, told_at or ""), _done_at(session, number, slug, DutyKind.PEOPLE)
            people_told(session, now, number, slug, at, by, how or "")
            words = _told("have been told", at, before)
    say(as_json, f"{slug}: the people concerned {words}.", breach=number, party=slug, required=not not_required)


def _done_at(session: "Session", number: int, slug: str, kind: DutyKind) -> datetime | None:
    """As it stands before it is recorded again."""
    from actions.breaches.moving import follow_up_at
    from actions.breaches.showing import breach_named
    from actions.breaches.statutory import duty_of

    follow_up, _ = follow_up_at(session, breach_named(session, number), slug)
    duty = duty_of(session, follow_up, kind)
    return duty.done_at if duty else None


def _told(words: str, at: datetime, before: datetime | None) -> str:
    """The first time stands."""
    if before is None:
        return f"{words} on {in_words(at)}"
    if before == at:
        return f"{words} on {in_words(at)}, as was recorded already"
    return f"{words} on {in_words(before)}: that was recorded first and stands; {in_words(at)} is kept in history"


def partners(
    number: BreachId, slug: Party, told_at: ToldAt, late_because: Late = None, by: By = SECRETARY, as_json: Json = False
) -> None:
    """Record that the partners were told."""
    from actions.breaches.partners import partners_told

    with acting() as (session, now):
        at, before = instant(session, number, told_at), _done_at(session, number, slug, DutyKind.PARTNERS)
        partners_told(session, now, number, slug, at, by, late_because)
    sentence = f"{slug}: the partners {_told('were told', at, before)}."
    say(as_json, sentence, breach=number, party=slug, told_at=before or at)
