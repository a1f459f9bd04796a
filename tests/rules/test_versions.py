"""Versions: numbers, hashes, differences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.versions import Change, VersionNumber, changes, text_hash

clauses = st.dictionaries(st.text(max_size=5), st.tuples(st.text(max_size=5), st.text(max_size=5)), max_size=5)

TEXT = {"7-consent": ("Consent", "Asked for."), "12-security": ("Security", "Locked.")}


@pytest.mark.parametrize(
    ("number", "major", "expected"),
    [((4, 2), False, "4.3"), ((4, 2), True, "5.0"), ((4, 9), False, "4.10"), ((0, 0), True, "1.0")],
)
def test_the_next_number(number: tuple[int, int], major: bool, expected: str) -> None:
    assert str(VersionNumber(*number).next(major=major)) == expected


@given(st.integers(0, 99), st.integers(0, 99), st.booleans())
def test_the_next_number_comes_after(major: int, minor: int, is_major: bool) -> None:
    number = VersionNumber(major, minor)
    assert number.next(major=is_major) > number


@given(clauses)
def test_the_hash_does_not_depend_on_the_order_in_which_the_clauses_are_read(text: dict[str, tuple[str, str]]) -> None:
    assert text_hash("5.0", text) == text_hash("5.0", dict(reversed(text.items())))


@given(clauses, clauses)
def test_another_text_has_another_hash(one: dict[str, tuple[str, str]], other: dict[str, tuple[str, str]]) -> None:
    assert (text_hash("5.0", one) == text_hash("5.0", other)) == (one == other)


def test_the_hash_covers_label_and_headings_and_cannot_be_had_by_moving_a_border() -> None:
    hashes = {
        text_hash("5.0", TEXT),
        text_hash("5.1", TEXT),
        text_hash("5.0", TEXT | {"7-consent": ("Consents", "Asked for.")}),
        text_hash("5.0", TEXT | {"7-consent": ("ConsentAsked", " for.")}),
        text_hash("5.0", {"7-consent": ("Consent", "Asked for.")}),
    }
    assert len(hashes) == 5


def test_the_hash_is_the_one_that_was_printed_under_a_signature() -> None:
    """A change of this value would make every hash on paper wrong."""
    assert text_hash("5.0", TEXT) == "edf3d52715d9c78f9bb9bdecc68d5cc10c60fb82ecc17956858092350da29763"


def test_the_difference_by_clause() -> None:
    after = {"12-security": ("Security", "Locked twice."), "7-consent": TEXT["7-consent"], "13-new": ("New", "Added.")}
    assert changes(TEXT, after) == (Change("12-security", "Locked.", "Locked twice."), Change("13-new", "", "Added."))
    assert changes(TEXT, {"7-consent": TEXT["7-consent"]}) == (Change("12-security", "Locked.", ""),)


@given(clauses, clauses)
def test_a_text_has_no_difference_to_itself_and_the_way_back_is_the_reverse(
    one: dict[str, tuple[str, str]], other: dict[str, tuple[str, str]]
) -> None:
    assert changes(one, one) == ()
    there, back = changes(one, other), changes(other, one)
    assert {(c.clause, c.before, c.after) for c in there} == {(c.clause, c.after, c.before) for c in back}
