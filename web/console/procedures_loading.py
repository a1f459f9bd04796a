"""A party's own procedure: uploaded, checked line by line, shown as a difference of its steps, and then kept."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from pydantic import BaseModel, model_validator
from sqlmodel import Session, select

from actions.breaches.procedures import in_version, keep_procedures
from actions.load_report import LoadReport
from actions.loading_difference import Change, changes, flat
from models.procedure import ProcedureVersion
from models.procedure_file import as_content
from models.protocol import Party, Protocol
from models.protocol_file import BadProtocolFile, Fault
from rules.errors import Refused
from rules.procedures import Procedure
from web.console.documents_loading import LONGEST_PACK, said, sentence_about
from web.console.documents_rehearsal import as_shown, rehearsed
from web.console.documents_upload import PROCEDURE, NotOurPack, file_of, packed, read_text_of_procedure, unpacked
from web.console.procedures import LIST, MENU
from web.declaring import WORKS, Act, Asked, Done
from web.differences import marked
from web.fields import Uploaded, carried, upload
from web.forms import Given


class Book(BaseModel):
    """Read without the store: whether the parties it names are here is asked with it."""

    kept: str | None = carried(LONGEST_PACK)
    seen: str | None = carried(64)
    procedure_file: Uploaded | None = upload(
        "The procedure’s file", hint="A YAML file, as those that came with the protocol", optional=True
    )

    @model_validator(mode="after")
    def _reads(self) -> "Book":
        try:
            text = text_in(self.model_dump())
        except NotOurPack as wrong:
            raise ValueError(str(wrong)) from None
        if text is None:
            raise ValueError("Choose the procedure’s file")
        if found := faults_in(text):
            raise ValueError(sentence_about(found))
        return self


def text_in(values: Mapping[str, Any]) -> str | None:
    """Raises NotOurPack."""
    uploaded = values.get("procedure_file")
    return uploaded["text"] if uploaded else unpacked(values.get("kept")).get(PROCEDURE)


def faults_in(text: str, parties: frozenset[str] | None = None) -> list[Fault]:
    try:
        read_text_of_procedure(text, parties)
    except BadProtocolFile as bad:
        return list(bad.faults)
    return []


def _parties(asked: Asked) -> frozenset[str]:
    return frozenset(asked.session.exec(select(Party.slug).where(Party.protocol_id == asked.protocol.id)))


def _keep(session: Session, asked: Asked, read: Procedure) -> LoadReport:
    """In the session of the rehearsal, or of the act."""
    protocol = session.get_one(Protocol, asked.protocol.id)
    known = set(session.exec(select(ProcedureVersion.id).where(ProcedureVersion.protocol_id == protocol.id)))
    kept = keep_procedures(session, asked.now, protocol, [read], asked.caller.by)
    new = tuple(f"“{row.title}”, version {row.number}, is kept." for row in kept if row.id not in known)
    return LoadReport(created=new)


def _before(asked: Asked, given: Given | None) -> Mapping[str, Any]:
    nothing: dict[str, Any] = {
        "pack": "", "faults": [], "effect": None, "steps": [], "file_of": file_of, "marked": marked, "read": None,
    }  # fmt: skip
    if given is None:
        return nothing
    try:
        text = text_in(given.values)
    except NotOurPack:
        return nothing
    if text is None:
        return nothing
    shown = nothing | {"pack": packed({PROCEDURE: text})}
    if faults := faults_in(text, _parties(asked)):
        listed = [{"text": said(fault), "href": "#procedure_file"} for fault in faults]
        return shown | {"faults": faults, "errors": listed}
    read = read_text_of_procedure(text)
    effect = rehearsed(asked, asked.protocol.slug, partial(_keep, asked=asked, read=read))
    return shown | {"effect": effect, "steps": steps_changed(asked, read), "read": read}


def steps_changed(asked: Asked, read: Procedure) -> list[Change]:
    """Beside the newest version of the same procedure that is kept; of a new one every step is new."""
    statement = select(ProcedureVersion).where(
        ProcedureVersion.protocol_id == asked.protocol.id, ProcedureVersion.key == read.id
    )
    versions = sorted(asked.session.exec(statement), key=lambda row: row.number)
    before = _steps(in_version(versions[-1])) if versions else {}
    return changes(before, _steps(read))


def _steps(read: Procedure) -> dict[tuple[str, str], str]:
    """A step's words, a line for each thing it says; and beside the steps everything else that the file says."""
    content = as_content(read)
    found = {("Steps", step["id"]): _lines(step) for step in content["steps"]}
    return found | {("About it", name): value for name, value in flat({**content, "steps": []}) if name != "steps"}


def _lines(step: Mapping[str, Any]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in flat(step))


class NotRight(Refused):
    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(f"{sentence_about(faults)}: {said(faults[0])}")


def _do(asked: Asked, given: Book) -> Done:
    text = text_in(given.model_dump()) or ""
    if faults := faults_in(text, _parties(asked)):
        raise NotRight(faults)
    read = read_text_of_procedure(text)
    effect = as_shown(asked.session, asked.protocol.slug, partial(_keep, asked=asked, read=read), given.seen)
    is_new = bool(effect.report.created)
    done = f"“{read.title}”, version {read.version}, is kept{'.' if is_new else ' already: nothing is new.'}"
    facts = {"procedure": read.id, "version": read.version, "new": is_new}
    return Done(sentence=done, to=f"{LIST}/{read.id}", facts=facts)


ACTS = (
    Act(path="/console/documents/procedure", title="Load a procedure", who=WORKS, fields=Book, do=_do, before=_before,
        template="console/procedures_load.html", button="Keep it", command="procedure load", in_menu=MENU),
)  # fmt: skip
