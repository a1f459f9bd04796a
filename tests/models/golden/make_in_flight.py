"""Write the golden file of a later release: `PYTHONPATH=CODE python make_in_flight.py FILE.sql.gz`, with its code.

As in `make.py` everything is done by the release's own commands: a review collects, a breach is followed up, and,
where the release knows complaints, one is determined, one analysed, one not acknowledged; mail lies in every state.
"""

import os
import socket
import sys
import tempfile
from datetime import datetime
from pathlib import Path

from make import CLOCK, CUT_OFF, LONDON, MailServer, at, deliver, does, dump, duty_of, leave_mail_on_its_way, parties

COUNCIL, POLICE = "luton-borough-council", "bedfordshire-police"


def clock(*parts: int) -> None:
    CLOCK["now"] = datetime(*parts, tzinfo=LONDON)  # type: ignore[arg-type]


def a_review_that_collects() -> None:
    does("review", "schedule", "bedfordshire", "2027-03-31")
    clock(2027, 2, 25, 10)
    at(2027, 2, 26, 10)
    [first, second, third, fourth, *_] = [party for party in parties() if f"@{party}." not in CUT_OFF]
    feedback = ("review", "feedback", "1")
    does(*feedback, first, "--propose", "12-security=Data is encrypted.", "--problem", "Vague.")
    does(*feedback, second, "--no-comments")
    does("obligation", "waive", duty_of(third, 1), "--because", "It is merging.")
    does("obligation", "delegate", duty_of(fourth, 1), "--because", "The lead member is away.")


def a_breach_that_is_followed_up() -> None:
    clock(2027, 3, 15, 16, 20)
    does(
        "breach", "report", "--what", "A referral went to the wrong family.", "--detected", "2027-03-15T16:05",
        "--data", "safeguarding,contact-details", "--people-kinds", "children", "--people", "2",
        "--party", COUNCIL, "--party", POLICE, "--clause", "12-security",
    )  # fmt: skip
    does("sweep")
    deliver()
    for party, hour in ((COUNCIL, "16:20"), (POLICE, "17:05")):
        why = ("--who", "a manager", "--because", "The letter was seen in the wrong hands.")
        clock(2027, 3, 15, 17, 30)
        does("breach", "aware", "1", party, "--at", f"2027-03-15T{hour}", *why)
        does("breach", "step", "1", party, "contain", "--outcome", "The letter is back.", "--evidence", "note 17")
    does("breach", "hold", "1", POLICE, "--because", "A letter now would warn a suspect.")
    does("breach", "fact", "1", "people=4", "--because", "Two more children are named in it.")
    does("breach", "fact", "1", "nature=confidentiality", "personal-data=yes", "protocol-broken=yes")
    does("breach", "assess", "1", "--dpc", "sensitive=4", "--ei", "0.75", "--cb", "confidentiality=0.25")
    does("breach", "conclude", "1", COUNCIL, "high", "--because", "Children at risk are named, with an address.")
    does("breach", "conclude", "1", POLICE, "likely", "--because", "Its own part is one address.")


def complaints_under_way() -> None:
    clock(2027, 3, 16, 11)
    said = ("--kind", "disclosure", "--about", COUNCIL, "--received-by", POLICE, "--reach", "by letter")
    does("complaint", "receive", "--what", "A report was sent to the wrong father.", "--happened-from", "2027-02-01",
         "--received", "2027-03-01", *said)  # fmt: skip
    does("complaint", "refer", "1", COUNCIL, "--because", "It was the council's letter.")
    does("complaint", "acknowledge", "1", "--how", "by letter")
    does("complaint", "receive", "--what", "Nobody asked me.", "--received", "2027-03-12", *said)
    does("complaint", "receive", "--what", "Nobody told me.", "--received", "2027-03-12", *said)
    does("complaint", "acknowledge", "3", "--how", "by letter")
    does("sweep")
    does(
        "complaint", "determine", "1", "--clause", "7-consent",
        "--covered", "yes", "--why-covered", "It asks for consent.", "--evidence-covered", "clause",
        "--followed", "yes", "--why-followed", "The consent is on the file.", "--evidence-followed", "record",
        "--clear", "no", "--why-clear", "It does not say whose.",
        "--harm", "yes", "--why-harm", "An address is known.", "--evidence-harm", "statement",
    )  # fmt: skip
    does("complaint", "gap", "finding:1", "--words", "Who is asked where parents are separated?")


def main(to: Path) -> None:
    from aiosmtpd.controller import Controller

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(MailServer(), hostname="127.0.0.1", port=port)
    server.start()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"CONCORDAT_DATA": folder, "CONCORDAT_SMTP_HOST": "127.0.0.1", "CONCORDAT_SMTP_PORT": str(port)}
        from cli import opening

        opening.the_clock = lambda: CLOCK["now"]
        import settings

        clock(2026, 11, 22, 9)
        does("load", str(settings.HERE / "protocols" / "bedfordshire"))
        a_review_that_collects()
        a_breach_that_is_followed_up()
        if (settings.HERE / "actions" / "complaints" / "receiving.py").exists():
            complaints_under_way()
        at(2027, 3, 17, 9, 30)
        for party in parties()[-3:]:
            does("obligation", "extend", duty_of(party, 1), "2027-04-20", "--because", "It asked for it.")
        leave_mail_on_its_way()
        broken = does("verify")["broken"]  # type: ignore[index]
        if broken:
            sys.exit("\n".join(broken))
        dump(Path(folder) / "concordat.db", to)
    server.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
