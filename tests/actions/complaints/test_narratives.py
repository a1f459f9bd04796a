"""What cannot be compared is refused in a sentence; what can be is read as a person reads it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.complaints.narratives import (
    LARGEST_FILE,
    LONGEST,
    NarrativeTooLong,
    NothingToRead,
    NotReadable,
    OtherScript,
    narrative_in,
    narrative_of,
    stems_of,
)
from rules.errors import Refused
from rules.texts import NotText

ARABIC = "أرسلت البلدية رسالتي إلى عنوان خاطئ"
HEBREW = "המכתב נשלח לכתובת הלא נכונה"


def test_word_endings_do_not_matter() -> None:
    assert stems_of("disclosed") == stems_of("Discloses") == stems_of("disclosing")


def test_what_changes_the_meaning_of_an_entry_is_kept() -> None:
    assert stems_of("not asked") != stems_of("asked")
    assert stems_of("the address of his mother") == stems_of("address mother")


def test_an_e_mail_is_one_word_and_other_hyphens_part_two() -> None:
    assert stems_of("E-mail") == stems_of("email")
    assert stems_of("need-to-know") == stems_of("need know")


def test_a_possessive_is_its_owner() -> None:
    assert stems_of("patient's") == stems_of("patients’") == stems_of("patient")


def test_what_is_quoted_is_what_was_written() -> None:
    narrative = narrative_of("The  letter\nwent to  the\nWRONG address.")
    assert narrative.quoted(0, len(narrative.words) - 1) == "letter went to the WRONG address"


@pytest.mark.parametrize("text", ["", "   \n\t", "12 34 —", "of the and", "\u200e\u200f\u202e"])
def test_nothing_to_compare_is_refused(text: str) -> None:
    with pytest.raises(NothingToRead):
        narrative_of(text)


def test_a_text_of_five_million_characters_is_refused_before_it_is_read() -> None:
    with pytest.raises(NarrativeTooLong, match=str(LONGEST)):
        narrative_of("letter " * 700_000)
    with pytest.raises(NarrativeTooLong):
        narrative_in(b"x" * 5_000_000)


def test_the_longest_narrative_is_read_in_any_script() -> None:
    assert len(narrative_in("𝔞".encode() * LONGEST)) == LONGEST == LARGEST_FILE // 4
    assert narrative_of(("letter " * LONGEST)[:LONGEST]).words


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n\xff\xd8", b"\xff\xfeh\x00i\x00", b"caf\xe9"])
def test_a_file_that_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(NotReadable):
        narrative_in(data)


@pytest.mark.parametrize("text", ["a letter\0", "half \ud800"])
def test_what_no_text_holds_is_refused(text: str) -> None:
    with pytest.raises(NotText):
        narrative_of(text)


@pytest.mark.parametrize("text", [ARABIC, HEBREW, "Письмо отправили не туда"])
def test_another_script_alone_is_refused_because_no_clause_can_be_compared(text: str) -> None:
    with pytest.raises(OtherScript, match="translation"):
        narrative_of(text)


def test_of_mixed_scripts_the_english_is_compared() -> None:
    stems = [word.stem for word in narrative_of(f"{ARABIC} wrong\u200f address {HEBREW}").words]
    assert {*stems_of("wrong address")} <= {*stems}


def _read(given_: str | bytes) -> str:
    """The refusal, or everything that was read."""
    try:
        narrative = narrative_of(narrative_in(given_) if isinstance(given_, bytes) else given_)
    except Refused as refused:
        return str(refused)
    return " ".join(narrative.quoted(place, place) for place in range(len(narrative.words)))


@given(st.text(max_size=300) | st.binary(max_size=300))
def test_anything_is_read_or_refused_in_one_line(given_: str | bytes) -> None:
    assert _read(given_)
    assert "\n" not in _read(given_)
