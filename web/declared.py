"""Everything that is declared, gathered: what is served, documented and walked by the tests."""

from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules

from web import console, parties, public, reporting
from web.declaring import Act, Page


def _gathered(name: str) -> Sequence[Page | Act]:
    """Every module of the areas that has a tuple of that name, in the order of its folder."""
    found: list[Page | Act] = []
    for area in (public, reporting, parties, console):
        for module in iter_modules(area.__path__, f"{area.__name__}."):
            found.extend(getattr(import_module(module.name), name, ()))
    return tuple(found)


PAGES: Sequence[Page] = _gathered("PAGES")  # type: ignore[assignment]
ACTS: Sequence[Act] = _gathered("ACTS")  # type: ignore[assignment]
