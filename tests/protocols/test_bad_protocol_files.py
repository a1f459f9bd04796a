"""A bad folder is refused whole, and every mistake is named with file, line, what was found and what was expected."""

import os
import shutil
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

import protocols
from models.protocol_file import BadProtocolFile, Fault, read_protocol
from models.protocol_file.reading import FILES

BEDFORDSHIRE = Path(protocols.__file__).parent / "bedfordshire"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(BEDFORDSHIRE, tmp_path / "bedfordshire"))


def edit(folder: Path, file: str, old: str, new: str) -> int:
    """Replace a text that stands in the file once; answers the line it began on."""
    path = folder / file
    text = path.read_text("utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
    path.write_text(text.replace(old, new), "utf-8")
    return text[: text.index(old)].count("\n") + 1


def faults(folder: Path) -> tuple[Fault, ...]:
    with pytest.raises(BadProtocolFile) as refused:
        read_protocol(folder)
    return refused.value.faults


def the_fault(folder: Path) -> Fault:
    (fault,) = faults(folder)
    return fault


@dataclass(frozen=True)
class Spoilt:
    """In `file` the text `old` becomes `new`. The fault is told on the line with the mark `|` in `new`, or on the
    line that reads `at`, or where the edit begins; and nothing else is told, unless it is `among` others."""

    file: str
    old: str
    new: str
    found: str
    expected: str  # its beginning
    at: str | None = None
    among: bool = False

    def line(self, folder: Path, edited: int) -> int:
        if self.at is None:
            return edited + self.new.partition("|")[0].count("\n") * ("|" in self.new)
        lines = (folder / self.file).read_text("utf-8").splitlines()
        return max(number for number, text in enumerate(lines, 1) if text == self.at)


SPOILT = {
    "a month to acknowledge, which may be thirty-one days": Spoilt(
        "protocol.yaml", "acknowledgement: P30D #", "acknowledgement: P1M #", "a mapping",
        "at most 30 days, written in days such as P30D, to acknowledge a complaint of kind 'disclosure', and not P1M",
        at="operating:",
    ),
    "more than thirty days to acknowledge": Spoilt(
        "protocol.yaml", "acknowledgement: P30D #", "acknowledgement: P31D #", "a mapping",
        "at most 30 days, written in days such as P30D, to acknowledge a complaint of kind 'disclosure', and not P31D",
        at="operating:",
    ),
    "twenty working days to acknowledge a person's, which may end on the thirty-fifth day": Spoilt(
        "protocol.yaml", "person: {progress", "person: {acknowledgement: 20 working days, progress", "a mapping",
        "at most 30 days, written in days such as P30D, to acknowledge a complaint of kind 'person', and not 20",
        at="operating:",
    ),
    "a notice longer than a year between reviews": Spoilt(
        "protocol.yaml", "notice: P1M", "notice: P20Y", "'P20Y'", "a notice shorter than the interval",
    ),
    "an unknown kind of party": Spoilt(
        "parties.yaml", "kind: police", "kind: polise", "'polise'", "one of council, nhs-trust,",
    ),
    "an unknown nation": Spoilt(
        "protocol.yaml", "nation: england-and-wales", "nation: england", "'england'",
        "one of england-and-wales, scotland, northern-ireland; did you mean 'england-and-wales'?",
    ),
    "an unknown zone": Spoilt(
        "protocol.yaml", "zone: Europe/London", "zone: Europe/Lundon", "'Europe/Lundon'",
        "an IANA time zone such as Europe/London",
    ),
    "an unknown key": Spoilt(
        "parties.yaml", "    aliases: [Virgin health]", "    alias: [Virgin health]", "the key 'alias'",
        "one of id, name, aliases, kind, nation, joined, left, contacts; did you mean 'aliases'?",
    ),
    "an unknown key deep inside": Spoilt(
        "protocol.yaml", "{offset: -1, to: secretary}", "{offset: -1, too: secretary, to: owner}", "the key 'too'",
        "one of offset, hours, minutes, to, key; did you mean 'to'?",
    ),
    "an unknown recipient of a reminder": Spoilt(
        "protocol.yaml", "{offset: -30, to: owner}", "{offset: -30, to: the boss}", "'the boss'",
        "one of owner, deputy, secretary",
    ),
    "a period that is none": Spoilt(
        "protocol.yaml", "notice: P1M", "notice: a month", "'a month'",
        "a period such as P1M, P30D or '10 working days'",
    ),
    "hours where only days make sense": Spoilt(
        "protocol.yaml", "extraordinary_feedback: 10 working days", "extraordinary_feedback: PT72H", "'PT72H'",
        "a period such as P1M, P30D or '10 working days'",
    ),
    "a review interval that does not come back to its date": Spoilt(
        "protocol.yaml", "interval: P1Y", "interval: P365D", "'P365D'", "months or years such as P6M or P1Y, or 'none'",
    ),
    "an hour that a change of the clocks repeats": Spoilt(
        "protocol.yaml", "    confirmation:\n      at: 09:00", "    confirmation:\n|      at: 01:30", "'01:30'",
        "a local time such as 09:00, outside 01:00 to 02:00",
    ),
    "two reminders that are one": Spoilt(
        "protocol.yaml", "      rungs:\n        - {offset: -30, to: owner}",
        "      rungs:\n        - {offset: -10, to: owner}", "a list",
        "no two rungs with one offset and recipient, or one key",
    ),
    "a reminder that is a procedure's own": Spoilt(
        "protocol.yaml", "      rungs:\n        - {hours: -12, to: owner}",
        "      rungs:\n|        - {hours: -12, to: owner, key: escalation}", "'escalation'",
        "another key: 'escalation' is the rung of a party's own procedure",
    ),
    "a reminder that is so many days and so many hours before": Spoilt(
        "protocol.yaml", "{hours: -48, to: owner}", "{hours: -48, offset: -2, to: owner}", "a mapping",
        "exactly one of 'offset' (working days), 'hours' and 'minutes' in a rung",
    ),
    "a reminder at no distance": Spoilt(
        "protocol.yaml", "{offset: -30, to: owner}", "{to: owner}", "a mapping",
        "exactly one of 'offset' (working days), 'hours' and 'minutes' in a rung",
    ),
    "working days and hours in one ladder": Spoilt(
        "protocol.yaml", "      rungs:\n        - {hours: -12, to: owner}",
        "      rungs:\n        - {offset: -1, to: owner}", "a list",
        "rungs that all count working days ('offset'), or all hours and minutes",
    ),
    "an hour that is 60 minutes": Spoilt(
        "protocol.yaml", "      rungs:\n        - {hours: -1, to: owner}",
        "      rungs:\n        - {hours: -1, to: owner}\n        - {minutes: -60, to: owner}", "a list",
        "no two rungs with one offset and recipient, or one key",
    ),
    "working days at no hour": Spoilt(
        "protocol.yaml", "    hold:\n      at: 09:00\n", "    hold:\n", "a mapping",
        "the key 'at', such as 09:00, where rungs count working days",
        at="    hold:",
    ),
    "a number that is none": Spoilt(
        "protocol.yaml", "{offset: -30, to: owner}", "{offset: soon, to: owner}", "'soon'", "a whole number",
    ),
    "an e-mail address that is none": Spoilt(
        "parties.yaml", "lead.member@virgin-health.example", "lead.member.virgin-health.example",
        "'lead.member.virgin-health.example'", "an e-mail address",
    ),
    "an address with a name beside it": Spoilt(
        "protocol.yaml", "adviser@isp-bedfordshire.example", '"Adviser <adviser@isp-bedfordshire.example>"',
        "'Adviser <adviser@isp-bedfordshire.example>'", "an e-mail address",
    ),
    "a party without a kind": Spoilt(
        "parties.yaml", "  - id: bedfordshire-police\n    name: Bedfordshire Police\n    kind: police\n",
        "  - id: bedfordshire-police\n    name: Bedfordshire Police\n", "no 'kind'", "the key 'kind'",
        at="  - id: bedfordshire-police",
    ),
    "a party without a lead member": Spoilt(
        "parties.yaml", "      lead member: lead.member@virgin-health.example\n", "", "no 'lead member'",
        "the key 'lead member'",
    ),
    "a key given twice": Spoilt(
        "parties.yaml", "    kind: police\n", "    kind: police\n|    kind: fire\n", "the key 'kind' a second time",
        "each key once",
    ),
    "two parties of one id": Spoilt(
        "parties.yaml", "  - id: luton-ccg", "  - id: virgin-health", "'virgin-health'", "an id not used before",
        at="  - id: virgin-health", among=True,
    ),
    "two parties of one name but for case and spacing": Spoilt(
        "parties.yaml", "name: Luton Borough Council", "name: luton  BOROUGH council\n    aliases: [VIRGIN  Health]",
        "'Virgin Health'", "a name that no other party or body has (parties.yaml:",
        at="    name: Virgin Health", among=True,
    ),
    "an alias that is another party's name": Spoilt(
        "parties.yaml", "aliases: [Cambridge Community Services]", "aliases: [bedfordshire police]",
        "'bedfordshire police'", "a name that no other party or body has (parties.yaml:",
    ),
    "a body that has a party's name": Spoilt(
        "changes.yaml", "name: HCRG Care Group", "name: Virgin health", "'Virgin health'",
        "a name that no other party or body has (parties.yaml:",
    ),
    "an unknown clause in the checklist": Spoilt(
        "confirmations.yaml", "clause: 13-breaches", "clause: 13-breach", "'13-breach'", "a clause: one of 1, 2, 3,",
    ),
    "an unknown clause under a law": Spoilt(
        "legislation.yaml", "clauses: [9-complaints, 13-breaches]", "clauses: [9-complaint, 13-breaches]",
        "'9-complaint'", "a clause: one of 1, 2, 3,",
    ),
    "an unknown clause under a change of the law": Spoilt(
        "changes.yaml", "clauses: [9-complaints, 14-monitoring]", "clauses: [9-complaints, 16]", "'16'",
        "a clause: one of 1, 2, 3,",
    ),
    "a change of a law that is not listed": Spoilt(
        "changes.yaml", "legislation: caldicott-report-1997", "legislation: caldicott-report-1979",
        "'caldicott-report-1979'", "a legislation: one of data-protection-act-1998,",
    ),
    "a signature of an unknown party": Spoilt(
        "register.yaml", "party: luton-ccg", "party: lutn-ccg", "'lutn-ccg'", "a party: one of bedford-",
    ),
    "a signature by a body that is no party": Spoilt(
        "register.yaml", "party: luton-ccg", "party: blmk-ccg", "'blmk-ccg'", "a party: one of bedford-",
    ),
    "a signature on an unknown version": Spoilt(
        "register.yaml", "    signed_on: 2015-08-18\n    version: \"4.1\"",
        "    signed_on: 2015-08-18\n|    version: 4.10", "'4.10'", "a version: one of 1.0, 1.1,",
    ),
    "a signature on no particular day": Spoilt(
        "register.yaml", "signed_on: 2015-08-18", "signed_on: 2015-08", "'2015-08'",
        "the day of the signature such as 2015-08-18, or null",
    ),
    "a dated signature by nobody in particular": Spoilt(
        "register.yaml", "    position: Governor\n    signed_on: 2015-07-08",
        "    position: null\n|    signed_on: 2015-07-08", "'2015-07-08'", "a 'position' beside the date",
    ),
    "a day that does not exist": Spoilt(
        "register.yaml", "signed_on: 2015-04-20", "signed_on: 2015-04-31", "'2015-04-31'",
        "a date such as 2015-10-01, a month",
    ),
    "a signature from before the founding": Spoilt(
        "register.yaml", "signed_on: 2015-04-20", "signed_on: 2005-04-20", "'2005-04-20'",
        "a date not before the founding (4 March 2008)",
    ),
    "a version from before the founding": Spoilt(
        "versions.yaml", "dated: 2008-03-04", "dated: 2008-02", "'2008-02'",
        "a date not before the founding (4 March 2008)",
    ),
    "an anchor from before the founding": Spoilt(
        "protocol.yaml", "anchor: 2015-10 ", "anchor: 2007-10 ", "'2007-10'",
        "a date not before the founding (4 March 2008)",
    ),
    "a period that ends before it begins": Spoilt(
        "versions.yaml", "dated: 2008-12-30/2010-03-16", "dated: 2010-03-16/2008-12-30", "'2010-03-16/2008-12-30'",
        "a date such as 2015-10-01, a month",
    ),
    "a version under two spellings of its number": Spoilt(
        "versions.yaml", '["4.1"]', '["4.0"]', "'4.0'", "a version not listed before (versions.yaml:",
        among=True,
    ),
    "a draft as the current version": Spoilt(
        "versions.yaml", "    standing: adopted\n    current: true", "    standing: draft\n|    current: true",
        "'true'", "an adopted version to be the current one",
    ),
    "no current version": Spoilt(
        "versions.yaml", "    current: true\n", "", "no current version", "'current: true' at one version",
        at="versions:",
    ),
    "a second current version": Spoilt(
        "versions.yaml", "    dated: 2015-06\n    standing: adopted\n",
        "    dated: 2015-06\n    standing: adopted\n    current: true\n", "a second current version", "one only (line ",
        at="    current: true",
    ),
    "a review date without an anchor": Spoilt(
        "protocol.yaml", "    anchor: 2015-10 #", "    next_on: 2027-03-31 #", "'2027-03-31'",
        "an 'anchor' beside it: later review dates are counted from the anchor",
    ),
    "a repealed Act without the day": Spoilt(
        "legislation.yaml", "    status: repealed\n    since: 2018-05-25\n", "    status: repealed\n", "nothing",
        "the date since when it has been so",
        at="  - id: data-protection-act-1998",
    ),
    "a majority of nobody knows how many": Spoilt(
        "protocol.yaml", "decision_rule: unspecified", "decision_rule: majority", "nothing",
        "the number of parties that must take part",
        at="  changes:",
    ),
    "a party that left before it joined": Spoilt(
        "parties.yaml", "    kind: police\n    nation: england-and-wales\n    joined: unspecified\n",
        "    kind: police\n    nation: england-and-wales\n    joined: 2014-11\n|    left: 2013\n", "'2013'",
        "a date after the party joined (November 2014)",
    ),
    "a body that succeeds itself through others": Spoilt(
        "changes.yaml", "law:\n", "  - from: central-east-icb\n|    to: luton-ccg\n    on: 2027\n    kind: one to one\n"
        "    source: nobody\nlaw:\n", "'central-east-icb → luton-ccg', which leads back to 'central-east-icb'",
        "successions that come to an end",
    ),
    "a body that succeeds itself": Spoilt(
        "changes.yaml", "    to: hcrg-care-group", "    to: virgin-health",
        "'virgin-health → virgin-health', which leads back to 'virgin-health'", "successions that come to an end",
    ),
    "a succession told twice": Spoilt(
        "changes.yaml", "  - from: luton-ccg\n    to", "  - from: bedfordshire-ccg\n|    to",
        "'bedfordshire-ccg → blmk-ccg'", "a step not listed before (line ",
    ),
    "a succession by an unknown body": Spoilt(
        "changes.yaml", "    to: hcrg-care-group", "    to: hcrg", "'hcrg'", "a body: one of bedford-borough-council,",
    ),
    "an unknown kind of succession": Spoilt(
        "changes.yaml", "    on: 2021-12\n    kind: one to one", "    on: 2021-12\n|    kind: one-to-one",
        "'one-to-one'", "one of one to one, many to one, part of; did you mean 'one to one'?",
    ),
    "a name too long for its column": Spoilt(
        "parties.yaml", "name: Bedfordshire Police", f"name: Bedfordshire {'Police ' * 40}",
        "'Bedfordshire Police Police Police Police Police Police Polic…'", "one line of 1 to 200 characters",
    ),
    "a name that would break a mail's header": Spoilt(
        "parties.yaml", "name: Bedfordshire Police", 'name: "Bedfordshire\\nBcc: Police"', "'Bedfordshire Bcc: Police'",
        "one line of 1 to 200 characters",
    ),
    "an id that is none": Spoilt(
        "changes.yaml", "id: complaints-duty", "id: Complaints_Duty", "'Complaints_Duty'",
        "an id of at most 50 small letters",
    ),
    "a list where a mapping belongs": Spoilt(
        "protocol.yaml", "policies:\n  review:\n", "policies:\n|  review: [P1Y]\n  reviews:\n", "a list", "a mapping",
        among=True,
    ),
    "nothing where a text belongs": Spoilt(
        "clauses.yaml", "heading: Security", "heading:", "nothing", "a text",
    ),
    "an entry of a vocabulary that says nothing": Spoilt(
        "clauses.yaml", "clinical information", "of the", "'of the'", "1 to 6 words, not only little ones",
    ),
    "an entry of a vocabulary that is a sentence": Spoilt(
        "clauses.yaml", "clinical information", "one two three four five six seven",
        "'one two three four five six seven'",
        "1 to 6 words",
    ),
    "an entry of a vocabulary twice": Spoilt(
        "clauses.yaml", "clinical information", "caldicott", "'", "words not listed before (line ",
    ),
    "a vocabulary that is a text": Spoilt(
        "clauses.yaml", "    heading: Security\n", "    heading: Security\n|    vocabulary: lost\n", "'lost'", "a list",
        among=True,
    ),
    "an id that is inside and outside": Spoilt(
        "clauses.yaml", "id: deceased", "id: 7-consent", "'7-consent'", "an id not used before (clauses.yaml:",
    ),
    "nothing to know what is outside by": Spoilt(
        "clauses.yaml", "    heading: People who have died\n", "    heading: People who have died\n|    words: [x]\n",
        "the key 'words'", "one of id, heading, vocabulary",
    ),
    "an alias that could unfold": Spoilt(
        "clauses.yaml", "heading: Security", "heading: *security", "the alias '*security'",
        "the value itself, without an alias",
    ),
    "an anchor": Spoilt(
        "clauses.yaml", "heading: Security", "heading: &security Security", "the anchor '&security'",
        "the value itself, without an anchor",
    ),
    "a tag that would run code": Spoilt(
        "clauses.yaml", "heading: Security", "heading: !!python/object/apply:os.system [true]", "the tag '",
        "a value without a tag",
    ),
    "a second document": Spoilt(
        "clauses.yaml", "  - id: 7-commitment", "---\n  - id: 7-commitment", "a second document", "one document",
    ),
    "YAML that does not parse": Spoilt(
        "clauses.yaml", "heading: Security", "heading: Security: again",
        "a mistake in the YAML (mapping values are not allowed here)", "valid YAML",
    ),
    "a character that YAML does not allow": Spoilt(
        "clauses.yaml", "heading: Security", "heading: Secu\x07rity", "a character that YAML does not allow",
        "valid YAML",
    ),
    "a tab as indentation": Spoilt(
        "clauses.yaml", "    heading: Security", "\theading: Security", "a mistake in the YAML (", "valid YAML",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SPOILT)
def test_one_spoilt_line_is_found_at_its_place(folder, case):
    spoilt = SPOILT[case]
    edited = edit(folder, spoilt.file, spoilt.old, spoilt.new.replace("|", ""))
    told = faults(folder)
    line = spoilt.line(folder, edited)
    fault = next((fault for fault in told if (fault.file, fault.line) == (spoilt.file, line)), None)
    assert fault, f"no fault at {spoilt.file}:{line} but {[str(fault) for fault in told]}"
    assert fault.found.startswith(spoilt.found)
    assert fault.expected.startswith(spoilt.expected)
    assert spoilt.among or told == (fault,), [str(fault) for fault in told]


def test_a_fault_reads_as_file_line_found_and_expected(folder):
    line = edit(folder, "register.yaml", "party: luton-borough-council", "party: lutn-borough-council")
    assert str(the_fault(folder)) == (
        f"register.yaml:{line}: found 'lutn-borough-council', expected a party: one of bedford-borough-council, "
        "bedfordshire-ccg, bedfordshire-fire-and-rescue-service, bedfordshire-nhs-hospital-trust, "
        "bedfordshire-police, bedfordshire-prison-service, cambridgeshire-community-services, "
        "central-bedfordshire-council, east-and-north-hertfordshire-ccg, east-anglia-ambulance-trust, "
        "east-london-nhs-foundation-trust, hertfordshire-valley-ccg and 5 more; "
        "did you mean 'luton-borough-council'?"
    )


def test_all_faults_of_all_files_are_told_together_in_order(folder):
    second = edit(folder, "register.yaml", "party: luton-ccg", "party: lutn-ccg")
    third = edit(folder, "register.yaml", "signed_on: 2015-09-07", "signed_on: yesterday")
    first = edit(folder, "parties.yaml", "kind: police", "kind: polise")
    fourth = edit(folder, "versions.yaml", "standing: adopted\n    current: true", "current: true")
    told = faults(folder)
    assert [(fault.file, fault.line) for fault in told] == [
        ("parties.yaml", first),
        *sorted([("register.yaml", second), ("register.yaml", third)]),
        ("versions.yaml", fourth - 2),
    ]
    with pytest.raises(BadProtocolFile) as refused:
        read_protocol(folder)
    assert str(refused.value).splitlines() == [str(fault) for fault in told]


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    told = faults(folder)
    assert Fault(name, 1, "no such file", "a file of this name") in told
    assert {fault.file for fault in told} == {name}, "what cannot be checked without it is not called wrong"


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("content", ["", "# only a comment\n", "---\n", "null\n"])
def test_an_empty_file_is_named(folder, name, content):
    (folder / name).write_text(content)
    assert Fault(name, 1, "an empty file", "a mapping") in faults(folder)


def test_a_file_that_is_not_utf_8_is_named_with_the_line_of_the_first_bad_byte(folder):
    path = folder / "clauses.yaml"
    data = path.read_bytes()
    path.write_bytes(data.replace(b"heading: Consent", b"heading: Consent \xa3"))
    line = data[: data.index(b"heading: Consent")].count(b"\n") + 1
    assert the_fault_in("clauses.yaml", folder) == Fault("clauses.yaml", line, "the byte 0xa3", "text in UTF-8")


def test_a_month_that_holds_the_day_of_the_founding_is_not_before_it(folder):
    edit(folder, "versions.yaml", "dated: 2008-03-04", "dated: 2008-03")
    assert read_protocol(folder).versions[0].dated.words == "March 2008"


def test_a_byte_order_mark_and_windows_line_ends_are_no_fault(folder):
    path = folder / "parties.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert len(read_protocol(folder).parties) == 17


def test_a_huge_file_is_refused_without_being_read_whole(folder):
    with (folder / "parties.yaml").open("r+b") as file:
        file.truncate(100_000_000)
    assert the_fault_in("parties.yaml", folder).found == "more than 2000000 bytes"


def test_an_alias_bomb_does_not_unfold(folder):
    bomb = "a: &a [x, x]\n" + "".join(
        f"{name}: &{name} [{', '.join(['*' + before] * 9)}]\n" for before, name in pairwise("abcdefghij")
    )
    (folder / "changes.yaml").write_text(bomb)
    assert the_fault_in("changes.yaml", folder) == Fault(
        "changes.yaml", 1, "the anchor '&a'", "the value itself, without an anchor"
    )


def test_bottomless_nesting_is_refused(folder):
    (folder / "changes.yaml").write_text("bodies: " + "[" * 100_000)
    assert the_fault_in("changes.yaml", folder).found == "lists or mappings nested too deeply"


def test_a_link_out_of_the_folder_is_not_followed(folder, tmp_path):
    (folder / "parties.yaml").rename(tmp_path / "elsewhere.yaml")
    (folder / "parties.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    assert the_fault_in("parties.yaml", folder) == Fault(
        "parties.yaml", 1, "a link that leads out of the folder", "a file inside it"
    )


def test_a_link_inside_the_folder_is_followed(folder):
    (folder / "parties.yaml").rename(folder / "members.yaml")
    (folder / "parties.yaml").symlink_to("members.yaml")
    assert len(read_protocol(folder).parties) == 17


def test_a_link_that_goes_in_a_circle_is_refused(folder):
    (folder / "parties.yaml").unlink()
    (folder / "parties.yaml").symlink_to("parties.yaml")
    assert the_fault_in("parties.yaml", folder).expected == "a readable file"


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["folder", "pipe"])
def test_what_is_not_a_file_is_not_opened(folder, make):
    (folder / "parties.yaml").unlink()
    make(folder / "parties.yaml")
    assert the_fault_in("parties.yaml", folder) == Fault("parties.yaml", 1, "something that is not a file", "a file")


def test_a_folder_that_is_not_there_is_one_fault(tmp_path):
    assert the_fault(tmp_path / "nowhere").found == "no such folder"


def the_fault_in(file: str, folder: Path) -> Fault:
    """Its only fault: what other files cannot be checked against is not called wrong."""
    fault = the_fault(folder)
    assert fault.file == file
    return fault
