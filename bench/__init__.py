"""Benchmarks, with the peers measured beside us: `python -m bench`."""


class NotHere(Exception):
    """What this bench needs is not on this machine."""
