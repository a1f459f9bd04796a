"""Gaps: where the protocol itself is wanting, from what shows it to the version that answers it."""
