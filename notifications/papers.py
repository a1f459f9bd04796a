"""Papers: texts that people take elsewhere themselves, such as the notice to the regulator. Concordat sends none."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

from notifications.render import templates
from notifications.wording import cleaned

PAPERS = Path(__file__).parent / "papers"


def paper(name: str, context: Mapping[str, Any]) -> str:
    """Plain text of at most 78 characters a line. A missing value is an error, never an empty place."""
    return papers().get_template(f"{name}.txt").render(cleaned(context))


@cache
def papers() -> Environment:
    """With the filters and the strictness of the messages' own."""
    return templates(html=False).overlay(loader=FileSystemLoader(PAPERS))
