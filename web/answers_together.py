"""What is wrong with several answers together, each said where it can be mended, and all of it at once."""

from collections.abc import Mapping

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError


def faults(by_field: Mapping[str, str]) -> ValidationError:
    """To be raised by a model's own check."""
    found = [
        InitErrorDetails(type=PydanticCustomError("value_error", "{words}", {"words": words}), loc=(field,), input=None)
        for field, words in by_field.items()
    ]
    return ValidationError.from_exception_data("answers", found)
