"""What is wrong with an answer, in a sentence beside its question."""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from web.fields import Kind, kind_of, said_of


def missing(info: FieldInfo) -> str:
    """What to do about a question that was not answered."""
    own = said_of(info).get("missing")
    if own:
        return str(own)
    question = (info.title or "this").rstrip("?").strip()
    asks = kind_of(info) in (Kind.CHOICE, Kind.PICK, Kind.TICKS)
    return f"Choose an answer to “{question}”" if asks else f"Answer “{question}”"


def sentences_of(model: type[BaseModel], wrong: ValidationError) -> dict[str, str]:
    """By field; under "" what is wrong with several together."""
    return sentences_of_faults(model, wrong.errors())


def sentences_of_faults(model: type[BaseModel], faults: Iterable[Any]) -> dict[str, str]:
    said: dict[str, str] = {}
    for fault in faults:
        name = str(fault["loc"][0]) if fault["loc"] else ""
        said.setdefault(name, _sentence(model.model_fields.get(name), fault))
    return said


def _sentence(info: FieldInfo | None, fault: Any) -> str:
    question = f"“{(info.title or '').rstrip('?')}”" if info is not None and info.title else "This"
    limits = fault.get("ctx") or {}
    match fault["type"]:
        case "missing" if info is not None:
            return missing(info)
        case "string_too_long":
            return f"{question} must be {limits['max_length']:,} characters or fewer"
        case "greater_than_equal":
            return f"{question} must be {limits['ge']} or more"
        case "less_than_equal":
            return f"{question} must be {limits['le']:,} or less"
        case "extra_forbidden":
            return "There is no such field: see the document at /api/openapi.json"
        case "value_error":
            return str(limits.get("error") or fault["msg"].removeprefix("Value error, "))
        case _:
            return f"{question}: {fault['msg']}"
