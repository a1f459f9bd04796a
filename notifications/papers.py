"""Papers: texts that people take elsewhere themselves, such as the notice to the regulator. Concordat sends none."""

import re
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
def papers(html: bool = False) -> Environment:
    """With the filters and the strictness of the messages' own; in the HTML form everything is escaped."""
    environment = templates(html=html).overlay(loader=FileSystemLoader(PAPERS))
    environment.filters = environment.filters | {"markdown": markdown}
    return environment


def markdown(text: str) -> str:
    """One line of somebody's words within Markdown: nothing in it marks anything up, or ends a table's cell."""
    escaped = re.sub(r"([\\`*_{}\[\]()#|!~])", r"\\\1", text)
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
