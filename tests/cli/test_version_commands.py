"""Versions and signatures by their commands; the register of 2014 and 2015 as it stands."""

from tests.cli.conftest import Concordat


def test_the_register_of_2015_is_reproduced(concordat: Concordat) -> None:
    """Twelve bodies with a day, one of them twice, four rows never filled in, one member without a row."""
    register = concordat.does("version", "register")
    dated = [row for row in register["rows"] if row["signed_on"]]
    assert len({row["party"] for row in dated}) == 12
    assert sum(row["party"] == "south-essex-partnership-trust" for row in dated) == 2
    assert (dated[0]["signed_on"], dated[-1]["signed_on"]) == ("2014-10-29", "2015-09-07")
    assert {row["version"] for row in dated} == {"4", "4.1"}
    assert len(register["undated"]) == 4
    assert register["without_row"] == ["Bedfordshire Clinical Commissioning Group"]
    assert (register["bound"], register["parties"]) == (12, 17)
    words = " ".join(concordat("version", "register").out.split())
    assert "12 of 17 parties have signed." in words
    assert "No row: Bedfordshire Clinical Commissioning Group." in words


def test_show_tells_of_a_version_of_before(concordat: Concordat) -> None:
    shown = concordat.does("version", "show", "1.7")
    assert (shown["dated"], shown["sha256"]) == ("30 December 2008 to 16 March 2010", None)
    assert "Its text is not held here." in concordat("version", "show", "1.7").out


def test_show_gives_text_and_difference(signing: Concordat) -> None:
    shown = signing.does("version", "show", "5.0", "--text", "--diff")
    assert len(shown["text"]) == 26
    assert shown["before"] == "4.2"
    [change] = shown["changes"]
    assert (change["clause"], change["after"]) == ("12-security", "Data is encrypted.")
    words = signing("version", "show", "5.0", "--diff").out
    assert "Against version 4.2: one clause differs." in words
    assert "+ Data is encrypted." in words
    assert "text" not in signing.does("version", "show", "5.0")


def test_sign_records_position_day_and_hash(signing: Concordat) -> None:
    sha256 = signing.does("version", "show", "5.0")["sha256"]
    signed = signing.does(
        "version", "sign", "5.0", "bedfordshire-police", "--position", "Chief Constable", "--hash", sha256[:12],
        "--on", "2026-11-22", "--on-behalf-because", "on paper",
    )  # fmt: skip
    assert signed["signed_on"] == "2026-11-22"
    [row] = [row for row in signing.does("version", "register", "5.0")["rows"] if row["kind"] == "signed"]
    assert (row["party"], row["position"]) == ("bedfordshire-police", "Chief Constable")
    assert signing.does("obligation", "list", "--party", "bedfordshire-police") == []


def test_a_signature_under_another_text_is_refused(signing: Concordat) -> None:
    command = ("version", "sign", "5.0", "bedfordshire-police", "--position", "Chief Constable")
    assert "another text" in signing(*command, "--hash", "deadbeefdeadbeef").refusal
    assert "its day lies ahead" in signing(*command, "--on", "2030-01-01").refusal
    assert "In which position" not in signing(*command).out
    assert signing.does("version", "register", "5.0")["bound"] == 1


def test_decline_keeps_why(signing: Concordat) -> None:
    signing.does("version", "decline", "5.0", "virgin-health", "--because", "clause 12 costs too much")
    [line] = [line for line in signing.does("review", "show", "1")["signatures"] if line["state"] == "declined"]
    assert (line["party"], line["because"]) == ("virgin-health", "clause 12 costs too much")
    assert "clause 12 costs too much" in " ".join(signing("review", "show", "1").out.split())


def test_a_row_that_was_never_filled_in_ends_with_a_signature(concordat: Concordat) -> None:
    concordat.does("version", "sign", "4.2", "virgin-health", "--position", "Chief Executive", "--on", "2026-11-20")
    register = concordat.does("version", "register")
    assert "Virgin Health" not in register["undated"]
    assert (len(register["undated"]), register["bound"]) == (3, 13)
