"""The `concordat` command: one face over `actions`. The clock is read here and nowhere below.

Modules import the engine inside their functions, so that `concordat --help` and a mistyped command answer at
once: SQLAlchemy alone takes half a second to import, Prefect two. At module level stand only the standard
library, Typer, and those of `rules` that need nothing else.
"""
