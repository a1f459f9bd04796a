"""What a program sends, as an act takes it: the form's own fields, with its rules, and nothing beside them."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, field_validator, model_validator
from starlette.exceptions import HTTPException

from rules.errors import Refused
from rules.texts import is_text
from web.api_document import name_of
from web.declaring import Act
from web.fields import Kind, kind_of, said_of
from web.form_values import NotAText, require_year
from web.forms import Options
from web.organisations import ByName


class WrongAnswers(HTTPException):
    """By field; the sentences are the form's."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(422, "An answer is missing or wrong.")
        self.fields = fields


class FromProgram(BaseModel):
    """A field nobody asks for is refused: a program that sends one expects something of it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"additionalProperties": False})

    @model_validator(mode="before")
    @classmethod
    def _without_empty_answers(cls, said: Any) -> Any:
        """As in a form, an empty text, an empty choice and a box that has to be ticked are no answer."""
        if not isinstance(said, dict):
            return said
        return {name: value for name, value in said.items() if not _is_empty(cls.model_fields.get(name), value)}

    @field_validator("*", mode="before")
    @classmethod
    def _texts(cls, value: Any) -> Any:
        if not all(is_text(each) for each in _texts_in(value)):
            raise ValueError(str(NotAText()))
        return value.strip() if isinstance(value, str) else value

    @field_validator("*", mode="after")
    @classmethod
    def _instants(cls, value: Any, _info: ValidationInfo) -> Any:
        if isinstance(value, datetime) and value.tzinfo is None:
            raise ValueError("Write the instant with its zone, such as 2027-03-31T09:00:00+01:00")
        if isinstance(value, date):
            require_year(value.year)
        return value


def _is_empty(info: Any, value: Any) -> bool:
    if info is None:
        return False
    if value is False:
        return kind_of(info) is Kind.TICK and bool(said_of(info).get("must"))
    return (isinstance(value, str) and not value.strip()) or (value == [] and info.is_required())


def _texts_in(value: Any) -> Iterable[str]:
    """Nothing here is nested deeper than an uploaded file."""
    match value:
        case str():
            yield value
        case list():
            yield from (each for each in value if isinstance(each, str))
        case dict():
            yield from (each for each in (*value, *value.values()) if isinstance(each, str))


@cache
def body_of(act: Act) -> type[BaseModel]:
    """Named for its act, so that the document can tell one form from another."""
    about = {"__module__": __name__, "__doc__": act.words or act.title}
    return type(name_of(act.path), (FromProgram, act.fields), about)


def takes_nothing(body: type[BaseModel]) -> bool:
    """Whether sending no body at all is an answer."""
    try:
        body()
    except ValidationError:
        return False
    return True


def _wrong_name(name: str, offered: ByName, chosen: list[str]) -> dict[str, str]:
    """A program says short names, so that what it said is what is kept."""
    try:
        found = offered.chosen(chosen)
    except Refused as refused:
        return {name: str(refused)}
    return {} if set(found) == set(chosen) else {name: f"Say it by its short name: {', '.join(found)}."}


def require_offered(act: Act, given: Any, options: Options) -> None:
    """What a form offers is what a program may choose. Raises WrongAnswers."""
    wrong: dict[str, str] = {}
    for name, info in act.fields.model_fields.items():
        offered = options.get(name, said_of(info).get("options", ()))
        if kind_of(info) not in (Kind.CHOICE, Kind.PICK, Kind.TICKS):
            continue
        value, known = getattr(given, name), {str(each[0]) for each in offered}
        chosen = value if isinstance(value, list | tuple) else [] if value is None else [value]
        if isinstance(offered, ByName):
            wrong |= _wrong_name(name, offered, [str(each) for each in chosen])
            continue
        if not {str(each) for each in chosen} <= known:
            among = ", ".join(sorted(known)) or "nothing: there is no choice now"
            wrong[name] = f"Choose among {among}."
    if wrong:
        raise WrongAnswers(wrong)
