import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.codes import ALPHABET, code_from, read_code, read_reference, reference_from, written

ENTROPY = st.binary(min_size=16, max_size=32)
YEARS = st.integers(2020, 2999)


@given(ENTROPY, YEARS)
def test_a_reference_is_read_as_it_was_given_out(entropy: bytes, year: int) -> None:
    reference = reference_from(entropy, year)
    assert reference[:8] == f"BR-{year}-"
    assert len(reference) == 14
    assert read_reference(reference) == reference


@given(ENTROPY, YEARS, st.data())
def test_a_reference_is_read_whatever_case_spaces_and_hyphens(entropy: bytes, year: int, data: st.DataObject) -> None:
    reference = reference_from(entropy, year)
    gaps = data.draw(st.lists(st.sampled_from(["", " ", "-", "–", "\u00a0", "\n"]), min_size=12, max_size=12))
    typed = "".join(sign + gap for sign, gap in zip(reference.replace("-", ""), gaps, strict=True))
    assert read_reference(f" {typed.lower()}") == reference


@pytest.mark.parametrize(
    "text",
    ["", "BR-2026", "BR-2026-7K3Q9", "BR-2026-7K3Q9MM", "XR-2026-7K3Q9M", "BR-2026-7K3Q9O", "BR-٢٠٢٦-7K3Q9M", "7K3Q9M"],
)
def test_what_is_no_reference_is_none(text: str) -> None:
    assert read_reference(text) is None


def test_a_reference_as_it_is_written_on_paper() -> None:
    assert read_reference("br 2026 7k3q9m") == "BR-2026-7K3Q9M"
    assert reference_from(bytes(16), 2026) == "BR-2026-333333"


def test_no_sign_of_a_reference_is_mistaken_for_another() -> None:
    assert len(set(ALPHABET)) == len(ALPHABET) == 21
    assert not set(ALPHABET) & set("0O1IL2Z5S8BUV" + "AEIOU")


def test_references_of_all_signs_come_out() -> None:
    places = zip(*(reference_from(n.to_bytes(16), 2026)[8:] for n in range(0, 21**6, 20_011)), strict=True)
    assert all(set(place) == set(ALPHABET) for place in places)


@given(ENTROPY)
def test_a_code_is_sixteen_digits_and_read_back_from_its_groups(entropy: bytes) -> None:
    code = code_from(entropy)
    assert len(code) == 16
    assert code.isdecimal()
    assert [len(group) for group in written(code).split(" ")] == [4, 4, 4, 4]
    assert read_code(written(code)) == read_code(written(code).replace(" ", "-")) == read_code(code) == code


def test_a_code_keeps_the_zeros_it_begins_with() -> None:
    assert code_from(bytes(16)) == "0" * 16
    assert code_from((10**16 + 42).to_bytes(16)) == "0000000000000042"
    assert code_from((10**16 - 1).to_bytes(16)) == "9" * 16
    assert written("0000000000000042") == "0000 0000 0000 0042"


@given(st.integers(0, 2**128 - 1), st.integers(0, 15))
def test_every_byte_of_the_entropy_matters_to_the_code(number: int, at: int) -> None:
    entropy = bytearray(number.to_bytes(16))
    before = code_from(bytes(entropy))
    entropy[at] ^= 1
    assert code_from(bytes(entropy)) != before


@pytest.mark.parametrize("text", ["", "1234 5678 9012 345", "1234 5678 9012 34567", "1234 5678 9012 345O", "١" * 16])
def test_what_is_no_code_is_none(text: str) -> None:
    assert read_code(text) is None


def test_too_little_chance_makes_neither() -> None:
    with pytest.raises(ValueError, match="15 random bytes are too few"):
        code_from(bytes(15))
    with pytest.raises(ValueError, match="0 random bytes are too few"):
        reference_from(b"", 2026)
