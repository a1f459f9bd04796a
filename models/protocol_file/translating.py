"""From what Pydantic found wrong with a value to the line it stands on, in words a secretary understands."""

from typing import Annotated, Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from models.protocol_file.faults import Fault, one_of, shown
from models.protocol_file.nodes import Node

M = TypeVar("M", bound=BaseModel)

# Pydantic's error types that one phrase explains; the others keep Pydantic's own words.
PHRASES = {
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "expected": "{expected}",
    "greater_than_equal": "a number of at least {ge}",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "less_than_equal": "a number of at most {le}",
    "model_type": "a mapping",
    "string_type": "a text",
    "too_long": "at most {max_length} entries",
    "too_short": "at least {min_length} entry",
    "tuple_type": "a list",
}


def read_model(model: type[M], file: str, tree: Node) -> tuple[M | None, list[Fault]]:
    """The file's content as that model; or None, with one fault for everything that does not fit."""
    try:
        return model.model_validate(tree.plain()), []
    except ValidationError as error:
        return None, [_fault(model, file, tree, details) for details in error.errors(include_url=False)]


def _fault(model: type[BaseModel], file: str, tree: Node, details: ErrorDetails) -> Fault:
    node, line = _place(tree, details["loc"])
    key = str(details["loc"][-1]) if details["loc"] else ""
    match details["type"]:
        case "missing":
            return Fault(file, node.line, f"no '{key}'", f"the key '{key}'")
        case "extra_forbidden":
            return Fault(file, line, f"the key '{key}'", one_of(_keys(model, details["loc"][:-1]), key))
        case "literal_error" | "enum":
            return Fault(file, line, shown(details["input"]), one_of(_allowed(details), details["input"]))
        case kind:
            phrase = PHRASES.get(kind, details["msg"].lower())
            return Fault(file, line, shown(details["input"]), phrase.format(**details.get("ctx", {})))


def _place(tree: Node, loc: tuple[int | str, ...]) -> tuple[Node, int]:
    """The deepest node the path leads to, and the line of the last key or item that is there."""
    node, line = tree, tree.line
    for part in loc:
        if isinstance(node.value, dict) and part in node.value:
            line = node.keys[str(part)]
            node = node.value[part]
        elif isinstance(node.value, list) and isinstance(part, int):
            node = node.value[part]
            line = node.line
        else:
            break
    return node, node.line if isinstance(node.value, str) else line


def _allowed(details: ErrorDetails) -> list[str]:
    """The values of a Literal or an enum, which Pydantic gives as `'a', 'b' or 'c'`."""
    quoted = str(details["ctx"]["expected"]).replace("' or '", "', '")
    return quoted.strip("'").split("', '")


def _keys(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """The keys that the mapping at that path may have."""
    for part in loc:
        if isinstance(part, str):
            field = next(f for name, f in model.model_fields.items() if part in (name, f.alias))
            model = _model_in(field.annotation) or model
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model inside `Model`, `tuple[Model, ...]`, `Annotated[...]` or `Model | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = get_args(annotation)[:1] if get_origin(annotation) is Annotated else get_args(annotation)
    return next((found for each in inner if (found := _model_in(each))), None)
