"""A protocol's files: uploaded, checked line by line, shown as a difference, and then made to take effect."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from pydantic import BaseModel, create_model, model_validator

from actions.loading import load_protocol
from actions.loading_difference import CLAUSES, Change, changes, state_of
from models.protocol_file import BadProtocolFile, Fault, ProtocolFile
from web.console.documents_rehearsal import as_shown, rehearsed
from web.console.documents_upload import NAMES, NotOurPack, file_of, packed, read_texts, unpacked
from web.declaring import DECIDES, Act, Asked, Done
from web.differences import marked
from web.fields import Uploaded, carried, upload
from web.forms import Given

MENU = "/console/documents"
LONGEST_PACK = 1_500_000  # characters
HINTS = {
    "protocol.yaml": "Its name, policies, windows and reminders, secretary and adviser",
    "parties.yaml": "The parties and their contacts",
    "clauses.yaml": "The text, clause by clause",
    "versions.yaml": "The revision history",
    "register.yaml": "Who has signed",
    "legislation.yaml": "The law it rests on",
    "confirmations.yaml": "What lead members confirm",
    "changes.yaml": "What has changed since it was written",
}


def field_of(name: str) -> str:
    return name.replace(".yaml", "_file")


class _Checked(BaseModel):
    @model_validator(mode="after")
    def _reads(self) -> "_Checked":
        """The folder is refused whole, with every fault; which they are, the page says one by one."""
        try:
            found = faults_in(texts_in(self.model_dump()))
        except NotOurPack as wrong:
            raise ValueError(str(wrong)) from None
        if found:
            raise ValueError(sentence_about(found))
        return self


Files: type[BaseModel] = create_model(
    "Files",
    __base__=_Checked,
    kept=(str | None, carried(LONGEST_PACK)),
    seen=(str | None, carried(64)),
    **{field_of(name): (Uploaded | None, upload(name, hint=HINTS[name], optional=True)) for name in NAMES},
)  # type: ignore[call-overload]


def texts_in(values: Mapping[str, Any]) -> dict[str, str]:
    """What came now, and beside it what came before and was carried along. Raises NotOurPack."""
    texts = unpacked(values.get("kept"))
    for name in NAMES:
        if found := values.get(field_of(name)):
            texts[name] = found["text"]
    return texts


def faults_in(texts: Mapping[str, str]) -> list[Fault]:
    if not texts:
        return [Fault(name, 1, "no file", "this file of the protocol’s folder") for name in NAMES]
    try:
        read_texts(texts)
    except BadProtocolFile as bad:
        return list(bad.faults)
    return []


def sentence_about(faults: list[Fault]) -> str:
    files = len({file_of(fault) for fault in faults})
    things = "One thing has" if len(faults) == 1 else f"{len(faults)} things have"
    return f"{things} to be mended in {'one file' if files == 1 else f'{files} files'} before this can be loaded"


def said(fault: Fault) -> str:
    return f"{file_of(fault)}, line {fault.line}: found {fault.found}, expected {fault.expected}"


def _before(asked: Asked, given: Given | None) -> Mapping[str, Any]:
    """What the page shows of what was sent: every fault, or the difference."""
    nothing: dict[str, Any] = {
        "texts": {},
        "pack": "",
        "faults": [],
        "effect": None,
        "file_of": file_of,
        "marked": marked,
    }
    if given is None:
        return nothing
    try:
        texts = texts_in(given.values)
    except NotOurPack:
        return nothing
    faults = faults_in(texts)
    shown = nothing | {"texts": texts, "pack": packed(texts) if texts else "", "faults": faults}
    if not faults:
        file = read_texts(texts)
        load = partial(_load, now=asked.now, file=file, by=asked.caller.by)
        effect = rehearsed(asked, file.identity.slug, load)
        words = reworded(asked, file) if effect.refused else []
        return shown | {"effect": effect, "protocol": file.identity.name, "words": words}
    listed = [{"text": said(fault), "href": f"#{_input_of(fault)}"} for fault in faults]
    others = [{"text": words, "href": f"#{name}"} for name, words in given.errors.items() if name]
    return shown | {"errors": [*others, *listed]}


def reworded(asked: Asked, file: ProtocolFile) -> list[Change]:
    """Where a file's text is refused: which words differ from those in force."""
    known = {name: words for name, words in state_of(asked.session, file.identity.slug).items() if name[0] == CLAUSES}
    stated = {(CLAUSES, each.id): f"{each.heading}\n\n{each.meaning}" for each in file.clauses}
    return [each for each in changes(known, stated) if ": how people tell of it" not in each.name]


def _input_of(fault: Fault) -> str:
    name = file_of(fault)
    return field_of(name if name in NAMES else NAMES[0])


def _load(session: Any, now: Any, file: ProtocolFile, by: str) -> Any:
    return load_protocol(session, now, file, by)


def _do(asked: Asked, given: Any) -> Done:
    file = read_texts(texts_in(given.model_dump()))
    load = partial(_load, now=asked.now, file=file, by=asked.caller.by)
    effect = as_shown(asked.session, file.identity.slug, load, given.seen)
    done = f"{file.identity.short_name} is as its files say."
    facts = {"protocol": file.identity.slug, "created": effect.report.created, "changed": effect.report.changed,
             "kept": effect.report.kept, "changes": effect.changes}  # fmt: skip
    return Done(sentence=done, to=MENU, facts=facts)


ACTS = (
    Act(path="/console/documents/load", title="Load a protocol’s files", who=DECIDES, fields=Files, do=_do,
        before=_before, template="console/documents_load.html", button="Make it take effect", command="load",
        in_menu=MENU),
)  # fmt: skip
