"""What a person is asked to look at again: words that seem to name somebody, in a record that keeps them."""


def warnings_in(*texts: str | None) -> tuple[str, ...]:
    """A sentence for everything that looks like a personal detail. Nothing is refused."""
    from actions.complaints.receiving import warnings_of

    return warnings_of("\n".join(filter(None, texts)))


def warned(sentence: str, warnings: tuple[str, ...], as_json: bool) -> str:
    """As it is printed; in JSON the warnings have a place of their own."""
    return sentence if as_json else "\n".join([sentence, *(f"Look again: {warning}" for warning in warnings)])
