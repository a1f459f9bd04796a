"""Named places at which a test can kill the process, make it fail or make it wait (decision 13).

Each place says `reached` with a name of its own, and every name is found by a test that has been there. Nothing
outside Python leads to the hook: no setting, no variable of the environment, no request. A test sets it in its own
process; in production it is None for ever.
"""

from collections.abc import Callable

hook: Callable[[str], object] | None = None


def reached(point: str) -> None:
    """Nothing at all, unless a test has set the hook; that may raise, or never return."""
    if hook is not None:
        hook(point)
