"""What somebody wrote in a form that could not be taken, shown back to them once: a visit may end while they write, and
browsers keep no form of a page that says `no-store`. Nothing of it is kept here."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request

from web.declaring import Act
from web.fields import Kind, kind_of

Written = Sequence[tuple[str, str]]  # the question, and what was written


def note_written(request: Request, act: Act, sent: Mapping[str, list[Any]]) -> None:
    """For as long as this request is answered, whatever fails then."""
    request.scope["written"] = _texts(act, sent)


def written_by(request: Request) -> Written:
    written: Written = request.scope.get("written", ())
    return written


def _texts(act: Act, sent: Mapping[str, list[Any]]) -> Written:
    """Of questions that are answered in sentences: codes, keys, names and files are asked otherwise."""
    asked = {
        name: info.title or ""
        for model in (*act.carries, act.fields)
        for name, info in model.model_fields.items()
        if kind_of(info) is Kind.WORDS
    }  # fmt: skip
    return [
        (question, text)
        for name, question in asked.items()
        for text in sent.get(name, ())
        if isinstance(text, str) and text.strip()
    ]
