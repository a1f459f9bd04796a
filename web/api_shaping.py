"""FastAPI's document, made readable: errors are described once, and a field says what a program needs of it."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from web.api_document import ANSWERS, ERRORS, JSON, SCHEMAS
from web.fields import Kind

# How a page draws a field is nothing to a program.
OF_PAGES = (
    "kind", "missing", "optional_said", "rows", "width", "autocomplete", "input_type", "inputmode", "inline", "must",
    "or_day", "options",
)  # fmt: skip
DEPENDS = "What may be chosen depends on what is known: a wrong answer (422) lists it."
METHODS = ("get", "post")


def add_document(app: FastAPI) -> None:
    made = app.openapi

    def shaped_once() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = shaped(made())
        return app.openapi_schema

    app.openapi = shaped_once  # type: ignore[method-assign]


def shaped(document: dict[str, Any]) -> dict[str, Any]:
    parts = document["components"]
    parts["responses"] = {
        f"Error{status}": {"description": said, "content": {JSON: {"schema": {"$ref": SCHEMAS + "Problem"}}}}
        for status, said in ERRORS.items()
    }
    for operation in operations(document):
        for status in ERRORS:  # FastAPI itself speaks of 422 alone
            operation["responses"][str(status)] = {"$ref": f"#/components/responses/Error{status}"}
    for model in ANSWERS:
        parts["schemas"][model.__name__] = model.model_json_schema(ref_template=SCHEMAS + "{model}")
    for name in ("HTTPValidationError", "ValidationError"):
        parts["schemas"].pop(name, None)
    for schema in parts["schemas"].values():
        for field in schema.get("properties", {}).values():
            _say_for_programs(field)
    return document


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for place in document["paths"].values():
        yield from (place[method] for method in METHODS if method in place)


def _say_for_programs(field: dict[str, Any]) -> None:
    kind, options = field.get("kind"), field.get("options")
    if field.get("must"):
        field["const"] = True
    if options:
        _offer(field, [str(each[0]) for each in options])
    elif kind in (Kind.CHOICE, Kind.PICK, Kind.TICKS):
        field["description"] = f"{field.get('description', '')} {DEPENDS}".strip()
    for name in OF_PAGES:
        field.pop(name, None)


def _offer(field: dict[str, Any], values: list[str]) -> None:
    """In place of any text, wherever in the field one may stand."""
    for schema in (field, field.get("items", {}), *field.get("anyOf", ())):
        if schema.get("type") == "string":
            schema["enum"] = values
        if schema.get("items", {}).get("type") == "string":
            schema["items"]["enum"] = values
