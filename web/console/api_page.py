"""For whoever writes a program: every operation of the API with its fields, from the declarations themselves."""

from dataclasses import dataclass
from typing import Any

from pydantic.fields import FieldInfo

from web.api_document import KINDS, kind_of_case
from web.commands import PLACES
from web.declaring import READS, Act, Asked, Page, api_path
from web.fields import Kind, kind_of, said_of

PATH = "/console/api"
KIND_WORDS = {
    Kind.LINE: "text, one line", Kind.WORDS: "text", Kind.WHOLE: "whole number", Kind.DAY: "day, such as 2027-03-31",
    Kind.INSTANT: "instant with its zone, such as 2027-03-31T09:00:00+01:00", Kind.CHOICE: "one of the choices",
    Kind.PICK: "one of the choices", Kind.TICKS: "list of choices", Kind.TICK: "true or false",
    Kind.UPLOAD: 'file: {"name": …, "text": …}', Kind.CARRIED: "text",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class FieldLine:
    name: str
    question: str
    kind: str
    needed: bool
    choices: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Operation:
    method: str
    path: str
    title: str
    words: str
    who: tuple[str, ...]
    fields: tuple[FieldLine, ...]


@dataclass(frozen=True, kw_only=True)
class Group:
    kind: str
    about: str
    operations: tuple[Operation, ...]


def groups() -> list[Group]:
    """In the document's order; a kind of case without operations is left out."""
    from web.declared import ACTS, PAGES  # which gathers this page too

    declared: list[Page | Act] = [*PAGES, *ACTS]
    served = [each for each in declared if each.api and api_path(each.path)]
    lines = sorted(map(operation_of, served), key=lambda each: (each.path, each.method))
    made = [
        Group(kind=kind, about=about, operations=tuple(each for each in lines if kind_of_case(each.path) == kind))
        for kind, (about, _) in KINDS.items()
    ]
    return [each for each in made if each.operations]


def operation_of(declared: Page | Act) -> Operation:
    fields = (
        tuple(_asked(name, info) for name, info in declared.fields.model_fields.items())
        if isinstance(declared, Act)
        else tuple(_filter(name, said) for name, said in declared.filters.items())
    )
    return Operation(
        method="POST" if isinstance(declared, Act) else "GET", title=declared.title, fields=fields,
        path=PLACES.sub(lambda place: "{" + place[1] + "}", api_path(declared.path) or ""),
        words=declared.words if isinstance(declared, Act) else "",
        who=tuple(sorted(each.value for each in declared.who)),
    )  # fmt: skip


def _asked(name: str, info: FieldInfo) -> FieldLine:
    choices = tuple(str(each[0]) for each in said_of(info).get("options", ()))
    return FieldLine(
        name=name, question=info.title or "", kind=KIND_WORDS[kind_of(info)], needed=info.is_required(),
        choices=choices,
    )  # fmt: skip


def _filter(name: str, said: str) -> FieldLine:
    return FieldLine(name=name, question=said, kind="in the address, after “?”", needed=False, choices=())


def _read(_asked: Asked) -> dict[str, Any]:
    return {"groups": groups()}


PAGES = (
    Page(path=PATH, title="The API", who=READS, read=_read, template="console/api_page.html", api=False,
         in_menu="/console/access"),
)  # fmt: skip
