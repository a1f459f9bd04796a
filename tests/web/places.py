"""What an address asks for, found in the store: real values for every `{place}` of every declared path.

Each name of a place has its candidates; the first address that answers its page to somebody is the one. A page for
which nothing is found in any scene is named by the test: then a scene lacks what it is about, or a name its candidates.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, product

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select
from starlette.testclient import TestClient

from actions.access.feeds import make_feed
from actions.access.sessions import begin_session
from actions.access.signing_in import path_of
from actions.access.users import add_user
from actions.clauses import clause_headings
from models.access import AccessToken, ConsoleUser, SignIn, Standing, WebSession
from models.breach import Breach, BreachReport, Consultation, ReporterQuestion
from models.complaint import Complaint, Finding, NoticeKind
from models.gap import Gap
from models.obligation import Obligation, ObligationKind
from models.outbox import Message
from models.procedure import ProcedureVersion
from models.protocol import Contact, Legislation, LegislationChange, Matter, Party, Protocol, Role, Succession, Version
from models.review import Proposal, Review
from models.store import reading, transaction
from notifications.links import own_page
from rules.breach_duties import DutyKind
from settings import settings
from tests.actions.world import put_back, saved
from tests.web.scenes import BEDFORD, COUNCIL, FIRE, LUTON, POLICE, SCENES, TODAY, TRUST, site_at
from tests.web.site import Site
from web.commands import PLACES
from web.declared import ACTS, PAGES
from web.declaring import Act, Area, Page, area_of
from web.fields import Kind, kind_of
from web.standing import COOKIES

Declared = Page | Act
DECLARED: Sequence[Declared] = (*PAGES, *ACTS)
BY_PATH = {each.path: each for each in DECLARED}
TRIES = 150  # addresses of one page: more means that a place has too many candidates
THEIR_ROLES = (Role.DPO, Role.LEAD_MEMBER, Role.COMPLAINTS)
TRIES_FOR_A_FORM = 12  # and for one that stands only in the middle of something, and is not met by its address


@dataclass(frozen=True)
class Found:
    """`visitor` is let in at `address`, and was shown `text` (nothing where that is no page)."""

    address: str
    visitor: str
    text: str


@dataclass
class Walk:
    """A scene with everybody let in. `kept` is its store, to begin from again."""

    site: Site
    scene: str
    kept: bytes = b""
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)  # by visitor
    found: dict[str, Found] = field(default_factory=dict)  # by declared path
    missed: dict[str, list[str]] = field(default_factory=dict)

    def browser(self, visitor: str) -> TestClient:
        return self.site.browser(self.cookies[visitor])

    def again(self) -> None:
        put_back(self.site.store, self.kept)

    def standing(self, visitor: str) -> Standing:
        first = visitor.split()[0]
        return Standing(first)

    def others_of(self, standing: Standing) -> str:
        """Somebody of that standing."""
        return next(each for each in self.cookies if self.standing(each) is standing)


WALKS: dict[str, tuple[bytes, dict[str, dict[str, str]], dict[str, Found], dict[str, list[str]]]] = {}


def walk_of(store: sa.Engine, scene: str, paths: Sequence[Declared] = DECLARED) -> Walk:
    """Found once a process."""
    if scene not in WALKS:
        walk = Walk(site_at(store, scene), scene)
        let_everybody_in(walk)
        walk.kept = saved(store)
        find(walk, paths)
        WALKS[scene] = (walk.kept, walk.cookies, walk.found, walk.missed)
    walk = Walk(Site(store), scene, *WALKS[scene])
    walk.site.now = TODAY
    walk.again()
    return walk


def walks(store: sa.Engine) -> Iterator[Walk]:
    """Every page once: each scene has those that none before it has."""
    left = list(DECLARED)
    for scene in SCENES:
        walk = walk_of(store, scene, left)
        left = [each for each in left if each.path not in walk.found]
        yield walk


def let_everybody_in(walk: Walk) -> None:
    with transaction(walk.site.store) as session:
        now, protocol = walk.site.now, session.exec(select(Protocol)).one()
        walk.cookies["anybody"] = {}
        owner = session.exec(select(ConsoleUser).where(ConsoleUser.standing == Standing.SECRETARY)).first()
        assert owner is not None
        FEEDS.append(make_feed(session, now, owner, "the office calendar")[1])
        for standing in (Standing.SECRETARY, Standing.ASSISTANT, Standing.AUDITOR):
            user = session.exec(select(ConsoleUser).where(ConsoleUser.standing == standing)).first() or add_user(
                session, now, protocol, standing, f"An {standing}", f"{standing}@isp-bedfordshire.example", "test"
            )
            walk.cookies[standing.value] = {COOKIES[Area.CONSOLE]: begin_session(session, now, user=user)}
        for report in session.exec(select(BreachReport).order_by(col(BreachReport.id))):
            walk.cookies[f"reporter {report.id}"] = {COOKIES[Area.REPORT]: begin_session(session, now, report=report)}
        adviser = session.exec(select(Contact).where(Contact.role == Role.ADVISER)).first()
        walk.cookies["adviser"] = {COOKIES[Area.PARTY]: begin_session(session, now, contact=adviser)}
        for contact, party in _contacts(session):
            name = f"party {party.slug} {contact.role.value.replace(' ', '-')}"
            walk.cookies[name] = {COOKIES[Area.PARTY]: begin_session(session, now, contact=contact)}


def _contacts(session: Session) -> list[tuple[Contact, Party]]:
    order = {slug: at for at, slug in enumerate((COUNCIL, POLICE, LUTON, FIRE, TRUST, BEDFORD))}
    statement = select(Contact, Party).join(Party, col(Party.id) == Contact.party_id)
    rows = [row for row in session.exec(statement) if row[1].slug in order and row[0].role in THEIR_ROLES]
    return sorted(rows, key=lambda row: (order[row[1].slug], THEIR_ROLES.index(row[0].role)))


def find(walk: Walk, paths: Sequence[Declared]) -> None:
    browsers = {visitor: walk.browser(visitor) for visitor in walk.cookies}
    for declared in paths:
        seen: list[str] = []
        for address, visitor in islice(_tries(walk, declared), TRIES):
            answer = browsers[visitor].get(address)
            seen.append(f"{answer.status_code} {address} ({visitor})")
            if answer.status_code != 200:
                continue
            shown = Found(address, visitor, answer.text if _is_page(declared) else "")
            walk.found.setdefault(declared.path, shown)
            if not isinstance(declared, Act) or drawn(declared, answer.text):
                walk.found[declared.path] = shown
                break
            if len(seen) > TRIES_FOR_A_FORM:
                break
        if declared.path not in walk.found:
            walk.missed[declared.path] = seen


def drawn(act: Act, html: str) -> set[str]:
    """The fields that the page asks; where it asks none, whether its button is there: `{""}`."""
    asked = [name for name, info in act.fields.model_fields.items() if kind_of(info) is not Kind.CARRIED]
    if not asked:
        return {""} if 'method="post"' in html.partition("<main")[2] else set()
    return {name for name in asked if re.search(rf'id="{re.escape(name)}(?:-day)?"', html)}


def _is_page(declared: Declared) -> bool:
    """And no file or mail, shown as it is."""
    return isinstance(declared, Act) or bool(declared.template)


def _tries(walk: Walk, declared: Declared) -> Iterator[tuple[str, str]]:
    with reading(walk.site.store) as session:
        addresses = list(addresses_of(session, declared.path))
        owners = _owners(session)
    for address in addresses:
        for visitor in _visitors(walk, declared, address, owners):
            yield address, visitor


def _visitors(walk: Walk, declared: Declared, address: str, owners: dict[str, str]) -> Iterator[str]:
    """The secretary in the console, a reporter at a report; of a duty whoever owes it, else any party."""
    can = [each for each in walk.cookies if walk.standing(each) in declared.who]
    match area_of(declared.path):
        case Area.PARTY:
            slug = owners.get(address.split("/")[3]) if "{duty" in declared.path else None
            can = [each for each in can if f" {BEDFORD} " not in each]  # who is to be kept out of what is found
            yield from (each for each in can if slug is None or f" {slug} " in each)
        case Area.REPORT:
            yield from (can if declared.who == {Standing.REPORTER} else ["anybody"])
        case Area.CONSOLE:
            yield can[0]
        case _:
            yield "anybody"


def _owners(session: Session) -> dict[str, str]:
    """By a duty's number, the party that owes it."""
    statement = select(Obligation.id, Party.slug).join(Party, col(Party.id) == Obligation.party_id)
    return {str(number): slug for number, slug in session.exec(statement)}


def addresses_of(session: Session, path: str) -> Iterator[str]:
    """The path with every combination of candidates, the likeliest first."""
    names = [(match[1], path[: match.start()].rstrip("/").rpartition("/")[2]) for match in PLACES.finditer(path)]
    for values in product(*(candidates(session, path, name, before) for name, before in names)):
        filled = iter(values)
        yield PLACES.sub(lambda _match, filled=filled: str(next(filled)), path)


def candidates(session: Session, path: str, name: str, before: str) -> Sequence[object]:
    """`before` is the part of the address in front of it."""
    find_in = CANDIDATES.get(f"{before}/{name}") or CANDIDATES.get(name)
    return find_in(session, path) if find_in else ()


def _ids(table: type[SQLModel], *where: object) -> Callable[[Session, str], Sequence[object]]:
    """The open ones were made last."""

    def found(session: Session, _path: str) -> Sequence[object]:
        return session.exec(select(table.id).where(*where).order_by(table.id).limit(60)).all()  # type: ignore[attr-defined, arg-type]

    return found


def _duties(session: Session, path: str) -> Sequence[object]:
    """Of the kind that the address names; the open ones first."""
    kind = path.split("/")[2].replace("-", " ")
    rows = session.exec(select(Obligation).order_by(col(Obligation.outcome).is_not(None), col(Obligation.id))).all()
    known = kind in {each.value for each in ObligationKind}
    return [row.id for row in rows if not known or row.kind.value == kind][:12]


def _links(session: Session, path: str) -> Sequence[object]:
    if path.startswith("/sign-in"):
        return [path_of(row).rpartition("/")[2] for row in session.exec(select(SignIn))]
    return [own_page(row).rpartition("/")[2] for row in session.exec(select(Message))][-40:]


def _slugs(session: Session, _path: str) -> Sequence[object]:
    return (COUNCIL, POLICE, BEDFORD, FIRE, LUTON)


def _steps(session: Session, _path: str) -> Sequence[object]:
    """Of every procedure, each once."""
    kept = session.exec(select(ProcedureVersion)).all()
    return list(dict.fromkeys(step["id"] for row in kept for step in row.content["steps"]))


def _labels(session: Session, _path: str) -> Sequence[object]:
    return session.exec(select(Version.label).order_by(col(Version.id).desc())).all()


def _periods(session: Session, _path: str) -> Sequence[object]:
    return ("draft",)


def _said(*values: object) -> Callable[[Session, str], Sequence[object]]:
    return lambda _session, _path: values


FEEDS: list[str] = []  # secrets of calendars, the newest last: the store keeps none
A_RUN = "11111111-1111-4111-8111-111111111111"  # where no Prefect runs, its page says so
CASES = ("review:1", "breach:1", "complaint:1", "gap:1", "protocol:bedfordshire")
CANDIDATES: dict[str, Callable[[Session, str], Sequence[object]]] = {
    "breach": _ids(Breach),
    "duty": _duties,
    "questions/question": lambda session, path: (
        _ids(ReporterQuestion) if path.startswith("/report") else _ids(Consultation)
    )(session, path),
    "question": _ids(ReporterQuestion),
    "kind": _said(*(each.value for each in DutyKind)),
    "step": _steps,
    "proposal": _ids(Proposal),
    "review": _ids(Review),
    "link": _links,
    "users/number": _ids(ConsoleUser),
    "sessions/number": _ids(WebSession),
    "tokens/number": _ids(AccessToken),
    "contact": _ids(Contact),
    "complaint": _ids(Complaint),
    "finding": lambda session, path: [f"finding:{each}" for each in _ids(Finding)(session, path)],
    "period": _periods,
    "which": _said(*(each.value for each in NoticeKind)),
    "version": _labels,
    "label": _labels,
    "party": _slugs,
    "role": _said(*(each.value.replace(" ", "-") for each in Role), *(each.value for each in Role)),
    "gap": _ids(Gap),
    "message": _ids(Message),
    "fate": _said("sent", "not-sent", "unsent"),
    "obligation": _ids(Obligation, col(Obligation.outcome).is_(None)),
    "action": _ids(Obligation, Obligation.kind == ObligationKind.LOCAL_ACTION),
    "succession": _ids(Succession),
    "case": _said(*CASES),
    "ref": _said(*CASES),
    "change": _ids(LegislationChange),
    "clause": lambda session, _path: [
        key for key, _ in clause_headings(session, session.exec(select(Protocol)).one())
    ],
    "key": lambda session, _path: session.exec(select(Legislation.key)).all(),
    "procedures/key": lambda session, _path: session.exec(select(ProcedureVersion.key).distinct()).all(),
    "forecast/token": lambda _session, _path: FEEDS[::-1],
    "run": _said(A_RUN),
    "matter": _ids(Matter, col(Matter.closed_at).is_(None)),
    "name": lambda _session, _path: sorted(each.name for each in (settings().data / "mail").glob("*.eml")),
    "slug": lambda session, _path: session.exec(select(Protocol.slug)).all(),
}  # fmt: skip
