"""`concordat up`: the command; what it runs is in `cli.supervising`."""

from typing import Annotated

import typer

NoDemo = Annotated[bool, typer.Option("--no-demo", help="Do not load the Bedfordshire protocol into an empty store.")]


def up_command(no_demo: NoDemo = False) -> None:
    """Run everything this machine needs until Ctrl-C; starting again goes on where it was."""
    from cli.supervising import run

    run(demo=not no_demo)
