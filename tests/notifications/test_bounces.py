"""A delivery report is read for what it says; whatever else comes is refused with a sentence, never a crash."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.bounces import WORDS, BounceReport, NotADeliveryReport, bounce_report
from tests.notifications.reports import DELAYED, EXCHANGE, EXPIRED, POSTFIX, about

OURS = "<3ca4b15bc4f8ebf4d0e38df8da2360a5748e6357@isp-bedfordshire.example>"


def test_postfix_says_that_the_address_does_not_exist() -> None:
    assert bounce_report(about(POSTFIX, OURS)) == BounceReport(
        message_id=OURS,
        recipient="lead@party-0.example",
        status="5.1.1",
        diagnostic="550 5.1.1 <lead@party-0.example>: Recipient address rejected: User unknown",
        permanent=True,
    )


def test_exchange_brings_the_whole_message_and_a_folded_id() -> None:
    report = bounce_report(about(EXCHANGE, OURS))
    assert (report.message_id, report.status, report.permanent) == (OURS, "5.1.10", True)


def test_a_delay_is_not_for_good() -> None:
    assert not bounce_report(about(DELAYED, OURS)).permanent


def test_a_server_that_gave_up_after_days_has_given_up() -> None:
    assert bounce_report(about(EXPIRED, OURS)).permanent


def test_lines_may_end_as_they_like() -> None:
    assert bounce_report(about(POSTFIX.replace(b"\n", b"\r\n"), OURS)) == bounce_report(about(POSTFIX, OURS))


def test_of_several_recipients_the_failed_one_counts() -> None:
    two = POSTFIX.replace(
        b"\nFinal-Recipient",
        b"\nFinal-Recipient: rfc822; other@party.example\nAction: delivered\nStatus: 2.0.0\n\nFinal-Recipient",
    )
    assert bounce_report(about(two, OURS)).recipient == "lead@party-0.example"


def test_the_class_of_the_status_decides_where_no_action_is_named() -> None:
    assert bounce_report(about(POSTFIX.replace(b"Action: failed\n", b""), OURS)).permanent
    assert not bounce_report(about(DELAYED.replace(b"Action: delayed\n", b""), OURS)).permanent


@pytest.mark.parametrize(
    ("raw", "because"),
    [
        (b"", "no part that says"),
        (b"Subject: Away\n\nI am on leave until Monday.", "no part that says"),
        (b"\x00\xff\xfe" * 100, "no part that says"),
        (POSTFIX.replace(b"message/delivery-status", b"text/plain"), "no part that says"),
        (POSTFIX.replace(b"Final-Recipient", b"X-A").replace(b"Original-Recipient", b"X-B"), "no recipient"),
        (POSTFIX.replace(b"Message-ID", b"X-ID"), "which message"),
        (POSTFIX.replace(b"%(message_id)s", b"not an id"), "which message"),
        (POSTFIX.replace(b"B.1", b"B.2", 1), "no part that says"),
    ],
)
def test_anything_else_is_refused_with_a_sentence(raw: bytes, because: str) -> None:
    with pytest.raises(NotADeliveryReport, match=because):
        bounce_report(raw)


def test_a_thousand_nested_parts_are_refused() -> None:
    nested = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n) for n in range(3000))
    with pytest.raises(NotADeliveryReport):
        bounce_report(nested)


def test_hostile_words_are_one_harmless_line() -> None:
    raw = about(POSTFIX.replace(b"User unknown", b"\x1b[2J\xe2\x80\xae<script>" + b"x" * 5000), OURS)
    report = bounce_report(raw)
    assert len(report.diagnostic) <= WORDS
    assert report.diagnostic.isprintable()


@given(st.binary(max_size=400))
def test_no_bytes_crash_it(raw: bytes) -> None:
    with pytest.raises(NotADeliveryReport):
        bounce_report(raw)


@given(st.data())
def test_no_damaged_report_crashes_it(data: st.DataObject) -> None:
    raw = bytearray(about(data.draw(st.sampled_from([POSTFIX, EXCHANGE])), OURS))
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=20))
        if not raw:
            return
    try:
        report = bounce_report(bytes(raw))
    except NotADeliveryReport:
        return
    assert report.message_id.startswith("<")
    assert "\n" not in report.said
