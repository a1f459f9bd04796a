import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.personal_details import CANDIDATES, ENOUGH, FORMS, is_nhs_number, looks_personal

LONGEST = 650  # signs of the longest thing any form can match
CLAUSES = Path(__file__).parents[2] / "protocols" / "bedfordshire" / "clauses.yaml"

NAME, EMAIL, PHONE = "a person's name", "an e-mail address", "a telephone number"
NHS, INSURANCE, BIRTH, POSTCODE = "an NHS number", "a National Insurance number", "a date of birth", "a postcode"


def _of(text: str, kind: str) -> str:
    return f"what looks like {kind} (“{text}”)"


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("I gave Mrs Patel's file away.", NAME, "Mrs Patel"),
        ("Dr. O'Brien asked for it.", NAME, "Dr. O'Brien"),
        ("Cllr Anne-Marie van der Berg rang.", NAME, "Cllr Anne-Marie van der Berg"),
        ("for Mr J. Smith, aged 4", NAME, "Mr J. Smith"),
        ("for Ms\nÖzil", NAME, "Ms Özil"),
        ("MRS PATEL came", NAME, "MRS PATEL"),
        ("Miss May, Prof Plum's", NAME, "Prof Plum"),
        ("Mx Lee", NAME, "Mx Lee"),
        ("the file of mrs patel", NAME, "mrs patel"),
        ("The mr patel of the file", NAME, "mr patel"),
        ("read by PC Evans, who", NAME, "PC Evans"),
        ("pc Evans", NAME, "pc Evans"),
        ("told her brother Jack", NAME, "brother Jack"),
        ("Sir John rang", NAME, "Sir John"),
        ("Lady Smith's letter", NAME, "Lady Smith"),
        ("Rev. Jones and Revd Jones", NAME, "Rev. Jones"),
        ("Nurse Lovelace, DCI Van der Berg", NAME, "Nurse Lovelace"),
        ("by nurse Lovelace", NAME, "nurse Lovelace"),
        ("sent to jo.o+b@example.co.uk.", EMAIL, "jo.o+b@example.co.uk"),
        ("<a@b.uk>", EMAIL, "a@b.uk"),
        ("ring 07700 900123", PHONE, "07700 900123"),
        ("ring 07700900123.", PHONE, "07700900123"),
        ("ring (01632) 960 123", PHONE, "(01632) 960 123"),
        ("ring 020 7946 0123,", PHONE, "020 7946 0123"),
        ("ring 01632-960123", PHONE, "01632-960123"),
        ("ring +44 (0)20 7946 0123", PHONE, "+44 (0)20 7946 0123"),
        ("ring +447700900123", PHONE, "+447700900123"),
        ("ring 0044 7700 900123", PHONE, "0044 7700 900123"),
        ("NHS number 943 476 5919.", NHS, "943 476 5919"),
        ("NHS:9434765919", NHS, "9434765919"),
        ("NI number AB 12 34 56 C", INSURANCE, "AB 12 34 56 C"),
        ("NI number AB123456C", INSURANCE, "AB123456C"),
        ("ni number ab123456c", INSURANCE, "ab123456c"),
        ("a girl born 3 May 2011", BIRTH, "born 3 May 2011"),
        ("Born on the 3rd of May, 2011", BIRTH, "Born on the 3rd of May, 2011"),
        ("born May 3, 2011", BIRTH, "born May 3, 2011"),
        ("DOB 03/05/2011", BIRTH, "DOB 03/05/2011"),
        ("D.O.B.: 3.5.11", BIRTH, "D.O.B.: 3.5.11"),
        ("date of birth is 2011-05-03", BIRTH, "date of birth is 2011-05-03"),
        ("lives at MK40 3AB.", POSTCODE, "MK40 3AB"),
        ("lives at sw1a 1aa", POSTCODE, "sw1a 1aa"),
        ("lives at W1A1HQ", POSTCODE, "W1A1HQ"),
    ],
)
def test_a_personal_detail_is_seen_and_quoted(text: str, kind: str, found: str) -> None:
    assert _of(found, kind) in looks_personal(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "On 3 May 2026 at 16:20 the record went to the wrong council; it was noticed on 03/05/2026 and 2026-05-04.",
        "BR-2026-7K3Q9M, BR 2026 7K3Q9M and BR20267K3Q9M",
        "The code was 1234 5678 9012 3456.",
        "within 72 hours, 20 working days or 1 calendar month, 240 people",
        "£1,250,000.00, £9434765919, €0770090012 and 12,345,678",
        "clause 7-need-to-know, 12-security, section 164A(3), s.67, article 33(1), Part 3",
        "the Data Protection Act 2018, UK GDPR art. 33(1) and [1982] 1 WLR 1027",
        "The Dr was told; a Dr. The Miss and Hit Club; we Miss Tuesday meetings; the Prof",
        "MS Word; MR scans; ms word; the officer Was told; a friend; her sister was there; nurse NHS",
        "Form Q1 2GB, v2 1st, M1 and A421, the S2 2nd edition",
        "@everyone: see example.org/@page and a@b",
        "BG123456A and AB 12 34 56 E are not given out, nor DA123456; it runs at 10 20 30 a day",
        "ring our helpline 0303 123 1113 or 0800 123 4567",
        "at 01-02-2026 10:30, 01.02.2026 10.30 and 2026-10-23T16:20+01:00",
        "born in a hospital on the day; a newborn, 3 May 2011; stillborn 3 May 2011; the dobro 03/05/2011",
        "order 0770090012345, 07700 900123 45 and 07700900123-7; eMiss Fortune",
        "943 476 5918, 0000000000, 19434765919, CRM/9434765919 and 9434765919-1",
        "The 2 Mar 2026 letter to Bedford Borough Council, Director of Children's Services",
    ],
)
def test_what_a_report_must_be_able_to_say_is_no_false_alarm(text: str) -> None:
    assert looks_personal(text) == ()


def test_the_clauses_of_a_protocol_name_nobody() -> None:
    assert looks_personal(CLAUSES.read_text(encoding="utf-8")) == ()


def test_everything_is_named_once_and_by_kind() -> None:
    text = "Mrs Patel (mrs@patel.uk) of MK40 3AB; Mrs Patel again"
    assert looks_personal(text) == (
        _of("Mrs Patel", NAME),
        _of("mrs@patel.uk", EMAIL),
        _of("MK40 3AB", POSTCODE),
    )


def test_a_quotation_is_short_and_on_one_line() -> None:
    (found,) = looks_personal("Mr " + "Abc" * 9 + " " + "Def" * 9 + " " + "Ghi" * 9)
    assert found.endswith("…”)")
    assert len(found) < 110


@given(st.integers(0, 999_999_999))
def test_an_nhs_number_has_one_check_digit_at_most(nine: int) -> None:
    good = [digit for digit in range(10) if is_nhs_number(f"{nine:09d}{digit}")]
    total = sum(int(sign) * weight for sign, weight in zip(f"{nine:09d}", range(10, 1, -1), strict=True))
    expected = 11 - total % 11
    repeated = len(set(f"{nine:09d}")) == 1
    assert good == ([] if expected == 10 or repeated else [expected % 11])


@given(st.text(), st.text())
def test_any_text_can_be_looked_at(before: str, after: str) -> None:
    assert _of("MK40 3AB", POSTCODE) in looks_personal(f"{before} MK40 3AB {after}")


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.words)
def test_no_form_repeats_without_a_bound(form) -> None:
    """A bounded match from each place: the steps grow as the text does, not as its square."""
    import re._parser as parser

    for pattern in (form.pattern, form.before):
        assert parser.parse(pattern.pattern).getwidth()[1] <= LONGEST


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.words)
def test_every_form_begins_with_a_sign_that_is_seldom(form) -> None:
    """So that the places where more than one sign is looked at are few in any ordinary text."""
    first = re.match(r"@|\[[^\]]+\]", form.pattern.pattern)
    assert first is not None
    assert not re.search(first[0], "aehilnorstu AEHILNORSTU ,.;:")


def test_no_more_is_named_than_anybody_reads_nor_checked_than_anybody_writes() -> None:
    many = [f"a{n}@example.org" for n in range(50)]
    assert looks_personal(" ".join(many)) == tuple(_of(each, EMAIL) for each in many[:ENOUGH])
    wrong = "943 476 5918, " * (CANDIDATES - 1)
    assert looks_personal(f"{wrong} 943 476 5919") == (_of("943 476 5919", NHS),)
    assert looks_personal(f"{wrong} 943 476 5918, 943 476 5919") == ()
