"""For whoever runs it: `/health`, `/metrics`."""

from fastapi import FastAPI


def add_operating_routes(app: FastAPI) -> None:
    """Filled in below."""
