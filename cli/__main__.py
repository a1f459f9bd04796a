"""`python -m cli` is `concordat`, for processes that know their interpreter and not their PATH."""

from cli.app import main

main()
