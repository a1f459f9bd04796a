"""The attached file is what RFC 5545 says, whatever words are put into it."""

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from notifications.calendar_file import Entry, calendar_file, with_words
from rules.instants import LONDON

NOW = datetime(2027, 2, 26, 9, tzinfo=UTC)
TEXT = st.text(st.characters(blacklist_categories=["Cs", "Cc"]) | st.just("\n"), max_size=300)


def made(summary: str, description: str = "", sequence: int = 0) -> str:
    entry = Entry(when=date(2027, 3, 31), summary=summary, description=description)
    return calendar_file(entry, uid="review:12:feedback@isp-bedfordshire.example", now=NOW, sequence=sequence)


def unfolded(text: str) -> dict[str, str]:
    lines = text.replace("\r\n ", "").split("\r\n")
    return dict(line.split(":", 1) for line in lines if line)


def unescaped(value: str) -> str:
    out, characters = "", iter(value)
    for character in characters:
        if character == "\\":
            following = next(characters)
            out += "\n" if following == "n" else following
        else:
            out += character
    return out


def test_an_all_day_entry_on_the_day_itself() -> None:
    assert made("Feedback due", "Reply to the secretary", sequence=2) == (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Concordat//Information sharing protocols//EN\r\n"
        "CALSCALE:GREGORIAN\r\nMETHOD:PUBLISH\r\nBEGIN:VEVENT\r\n"
        "UID:review:12:feedback@isp-bedfordshire.example\r\nDTSTAMP:20270226T090000Z\r\nSEQUENCE:2\r\n"
        "DTSTART;VALUE=DATE:20270331\r\nDTEND;VALUE=DATE:20270401\r\n"
        "SUMMARY:Feedback due\r\nDESCRIPTION:Reply to the secretary\r\nTRANSP:TRANSPARENT\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )


def test_an_entry_at_an_instant_is_told_in_utc_and_takes_no_time() -> None:
    entry = Entry(when=datetime(2026, 10, 25, 1, 30, fold=1, tzinfo=LONDON), summary="Notice due", description="")
    assert "\r\nDTSTART:20261025T013000Z\r\nSUMMARY:" in calendar_file(entry, uid="breach:1", now=NOW)


@given(TEXT, TEXT)
def test_any_words_come_back_as_they_were(summary: str, description: str) -> None:
    fields = unfolded(made(summary, description))
    assert unescaped(fields["SUMMARY"]) == summary
    assert unescaped(fields["DESCRIPTION"]) == description


@given(TEXT)
def test_no_line_is_longer_than_75_octets_and_no_character_is_cut(words: str) -> None:
    for line in made(words, words).encode().split(b"\r\n"):
        assert len(line) <= 75
        line.decode()


def test_words_cannot_add_a_property() -> None:
    assert "\r\nATTENDEE" not in made("x\r\nATTENDEE:mailto:everybody@example.com")


@given(TEXT, TEXT)
def test_a_link_is_written_in_wherever_the_lines_break(before: str, after: str) -> None:
    sign, link = "⟦own-page⟧", "https://concordat.example/p/17-abcdefghijklmnopqrstuvwxyz"
    sent = with_words(made("Sign", f"{before}{sign}{after}"), lambda words: words.replace(sign, link))
    assert unescaped(unfolded(sent)["DESCRIPTION"]) == f"{before}{link}{after}"
    assert all(len(line.encode()) <= 75 for line in sent.split("\r\n"))
