"""The mail catcher, over real SMTP."""

import smtplib
import subprocess
import sys
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "mail"


@pytest.fixture
def catcher(folder: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "cli.mailcatcher", "--port", "0", "--folder", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


@pytest.fixture
def smtp(catcher: subprocess.Popen[str]) -> Iterator[smtplib.SMTP]:
    assert catcher.stdout is not None
    listening = catcher.stdout.readline()
    port = int(listening.partition("127.0.0.1:")[2].partition(",")[0])
    with smtplib.SMTP("127.0.0.1", port) as client:
        yield client


def letter(subject: str = "Annual review: your feedback by 31 March") -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = "concordat@isp.example"
    message["To"] = "lead@police.example"
    message.set_content("Dear lead member,\n.\n..two dots\n")
    return message


def test_a_message_is_one_file_named_by_time_and_recipient(smtp: smtplib.SMTP, folder: Path) -> None:
    smtp.send_message(letter())
    (kept,) = folder.iterdir()
    time, _, recipient = kept.stem.partition("-")
    assert recipient == "lead@police.example"
    assert time.endswith("Z")
    assert message_from_bytes(kept.read_bytes(), policy=policy.default)["Subject"] == letter()["Subject"]


def test_the_text_arrives_as_it_was_written(smtp: smtplib.SMTP, folder: Path) -> None:
    smtp.send_message(letter())
    (kept,) = folder.iterdir()
    body = message_from_bytes(kept.read_bytes(), policy=policy.default).get_body()
    assert body is not None
    assert body.get_content().splitlines() == ["Dear lead member,", ".", "..two dots"]


def test_the_envelope_is_kept_with_it(smtp: smtplib.SMTP, folder: Path) -> None:
    smtp.send_message(letter(), from_addr="bounces@isp.example", to_addrs=["one@a.example", "two@b.example"])
    (kept,) = folder.iterdir()
    message = message_from_bytes(kept.read_bytes(), policy=policy.default)
    assert message["Return-Path"] == "<bounces@isp.example>"
    assert message.get_all("Delivered-To") == ["one@a.example", "two@b.example"]


def test_no_message_overwrites_another(smtp: smtplib.SMTP, folder: Path) -> None:
    for _ in range(50):
        smtp.send_message(letter())
    assert len(list(folder.glob("*.eml"))) == 50
    assert len(list(folder.iterdir())) == 50


def test_a_message_without_headers_is_kept_too(smtp: smtplib.SMTP, folder: Path) -> None:
    smtp.sendmail("a@a.example", ["b@b.example"], b"no header at all")
    assert len(list(folder.glob("*.eml"))) == 1


def test_an_address_cannot_leave_the_folder(smtp: smtplib.SMTP, folder: Path) -> None:
    smtp.sendmail("a@a.example", ["../../etc/x@b.example"], b"Subject: up\r\n\r\nup")
    (kept,) = folder.iterdir()
    assert kept.name.endswith(".._.._etc_x@b.example.eml")


def test_what_cannot_be_kept_is_not_accepted(smtp: smtplib.SMTP, folder: Path) -> None:
    folder.rmdir()
    with pytest.raises(smtplib.SMTPDataError) as refused:
        smtp.send_message(letter())
    assert refused.value.smtp_code == 452
