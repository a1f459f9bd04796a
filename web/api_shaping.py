"""FastAPI's document, made readable: errors are described once, and a field says what a program needs of it."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from web.api_document import ERRORS
from web.fields import Kind

# How a page draws a field is nothing to a program.
OF_PAGES = (
    "kind", "missing", "optional_said", "rows", "width", "autocomplete", "input_type", "inputmode", "inline", "must",
    "or_day", "options",
)  # fmt: skip
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
    for operation in operations(document):
        for status in map(str, ERRORS):
            said = operation["responses"].pop(status)
            parts.setdefault("responses", {}).setdefault(f"Error{status}", said)
            operation["responses"][status] = {"$ref": f"#/components/responses/Error{status}"}
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
        field["description"] = (
            f"{field.get('description', '')} What may be chosen depends on what is known: a wrong answer (422) lists it."
        ).strip()
    for name in OF_PAGES:
        field.pop(name, None)


def _offer(field: dict[str, Any], values: list[str]) -> None:
    """In place of any text, wherever in the field one may stand."""
    for schema in (field, field.get("items", {}), *field.get("anyOf", ())):
        if schema.get("type") == "string":
            schema["enum"] = values
        if schema.get("items", {}).get("type") == "string":
            schema["items"]["enum"] = values
