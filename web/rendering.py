"""From values to a page. Everything is escaped; printing a value that is missing is an error, never an empty place."""

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, PrefixLoader, Undefined, UndefinedError
from markupsafe import Markup

from settings import settings
from web.wording import FILTERS

HERE = Path(__file__).parent
STATIC = HERE / "static"
STYLE = "govuk/govuk-frontend.min.css"


class NeverPrinted(Undefined):
    """May be asked for, as GOV.UK's macros do with every option; may not end up in a page."""

    def __str__(self) -> str:
        raise UndefinedError(self._undefined_message)

    __iter__ = __str__  # type: ignore[assignment]


@cache
def environment() -> Environment:
    loader = ChoiceLoader([
        FileSystemLoader(HERE / "templates"),
        PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
    ])  # fmt: skip
    made = Environment(
        loader=loader, autoescape=True, undefined=NeverPrinted, trim_blocks=True, lstrip_blocks=True, auto_reload=False,
        extensions=["jinja2.ext.do"],
    )  # fmt: skip
    made.filters.update(FILTERS)
    made.globals.update(static=static, has_style=has_style(), demonstration=settings().web_demonstration)
    return made


def rendered(template: str, context: dict[str, Any]) -> str:
    return environment().get_template(template).render(context)


@cache
def static(path: str) -> str:
    """A file's address; its contents' hash is part of it, so that a browser may keep it for good."""
    file = STATIC / path
    mark = sha256(file.read_bytes()).hexdigest()[:12] if file.exists() else "none"
    return f"/static/{mark}/{path}"


def has_style() -> bool:
    """False where GOV.UK Frontend could not be fetched at the installation."""
    return (STATIC / STYLE).exists()


def as_markup(svg: str) -> Markup:
    """A picture drawn by `notifications.pictures` or `notifications.threads`, which escape everything."""
    return Markup(svg)  # noqa: S704
