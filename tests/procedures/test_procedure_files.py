"""A bad procedure is refused whole, every mistake with its line; the procedures that come with us are good."""

import json
from pathlib import Path

import pytest
from hypothesis import given

import protocols
from models.procedure_file import BadProcedureFile, as_content, from_content, read_procedure, sha256_of
from models.procedure_file.conditions import condition_of, written
from models.procedure_file.shapes import ContactRole
from models.protocol import Role
from models.protocol_file import Fault, read_protocol
from rules.procedure_worst_case import worst_case
from rules.procedures import Procedure, Standing
from tests.rules.test_procedures import conditions, graphs

PROTOCOLS = Path(protocols.__file__).parent
MODELS = sorted((PROTOCOLS / "bedfordshire" / "procedures").glob("*.yaml"))
DEFAULT = PROTOCOLS / "default-procedure.yaml"
GOOD = """\
id: own-procedure
title: What we do
version: 1
standing: own
parties: [luton-borough-council]
covers: [breach, near miss]
roles:
  - {id: staff, name: any member of staff, fallback: [dpo]}
  - id: dpo
    name: data protection officer
    contact: data protection officer
steps:
  - id: contain
    do: contain the breach
    by: staff
    within: immediately
  - id: tell
    do: tell the data protection officer
    by: staff
    after: [contain]
    within: PT24H
    from: detected
    escalate: [{after: PT2H, to: dpo}]
    inform: [dpo, sharing partners]
  - id: notify
    do: tell the Commissioner
    by: dpo
    advised by: [staff]
    after: [tell]
    duty: regulator
    within: PT72H
    from: aware
    when: {risk: {at least: likely}}
    may be provisional: true
    final within: P30D
  - id: update
    do: say how it goes
    by: dpo
    within: 2 working days
    from: step:contain
    repeat: {every: P7D, until: notify}
statistics: {every: P3M, what: [breaches], to: dpo}
"""


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """As somebody types it: faults name it so."""
    monkeypatch.chdir(tmp_path)
    file = Path("own.yaml")
    file.write_text(GOOD)
    return file


def faults(path: Path, **known) -> tuple[Fault, ...]:
    with pytest.raises(BadProcedureFile) as refused:
        read_procedure(path, **known)
    assert str(refused.value).splitlines() == [str(fault) for fault in refused.value.faults]
    return refused.value.faults


def test_the_good_one_is_read(path):
    read = read_procedure(path, parties=["luton-borough-council"])
    assert list(read.steps) == ["contain", "tell", "notify", "update"]
    assert read.steps["notify"].final is not None


WHEN = "when: {risk: {at least: likely}}"
# old text, new text, what the fault tells: found and the beginning of expected; `|` marks its line in the new text
SPOILT = {
    "an unknown role in by": (
        "    by: dpo\n    advised",
        "    by: dop\n    advised",
        "'dop'",
        "a role: one of staff, dpo; did you mean",
    ),
    "an unknown role as fallback": ("fallback: [dpo]", "fallback: [siro]", "'siro'", "a role: one of"),
    "an unknown role as adviser": ("advised by: [staff]", "advised by: [lawyer]", "'lawyer'", "a role: one of"),
    "an unknown role to inform": (
        "inform: [dpo, sh",
        "inform: [caldicott, sh",
        "'caldicott'",
        "a role: one of staff, dpo, sharing partners",
    ),
    "an unknown role to escalate to": ("to: dpo}]", "to: siro}]", "'siro'", "a role: one of"),
    "an unknown role for the statistics": (
        "what: [breaches], to: dpo",
        "what: [breaches], to: board",
        "'board'",
        "a role: one of",
    ),
    "an unknown step before": (
        "after: [tell]",
        "after: [tel]",
        "'tel'",
        "a step: one of contain, tell, notify, update; did you mean 'tell'?",
    ),
    "an unknown step to count from": (
        "from: step:contain",
        "from: step:contian",
        "'step:contian'",
        "a step: one of contain",
    ),
    "an unknown step to repeat until": ("until: notify", "until: close", "'close'", "a step: one of contain"),
    "a circle of steps": (
        "    within: immediately\n",
        "    within: immediately\n|    after: [notify]\n",
        "a circle ('notify → tell → contain → notify')",
        "steps that do not wait for each other",
    ),
    "a step after itself": ("after: [tell]", "after: [notify]", "a circle ('notify → notify')", "steps that do not"),
    "a step repeated until itself": ("until: notify", "until: update", "a circle ('update → update')", "steps that do"),
    "a step counted from itself": (
        "from: step:contain",
        "from: step:update",
        "a circle ('update → update')",
        "steps that do not",
    ),
    "a circle of fallbacks": (
        "    contact: data protection officer\n",
        "    contact: data protection officer\n|    fallback: [staff]\n",
        "a circle ('dpo → staff → dpo')",
        "fallbacks that come to an end",
    ),
    "two steps of one id": ("- id: update", "- id: contain", "'contain'", "each id once (line 13)"),
    "two roles of one id": ("  - id: dpo\n", "|  - id: staff\n", "'staff'", "each id once"),
    "a party twice": ("parties: [luton-borough-council]", "parties: [one, one]", "'one'", "each one once"),
    "a figure without its instant": (
        "    within: PT24H\n    from: detected\n",
        "    within: PT24H\n",
        "'PT24H'",
        "a 'from' beside it",
    ),
    "an instant without a limit": (
        "    within: PT24H\n    from: detected\n",
        "    from: detected\n",
        "'detected'",
        "a 'within' beside it",
    ),
    "an unknown instant": ("from: detected", "from: detection", "'detection'", "one of occurred, suspected, detected"),
    "a limit of zero": ("within: PT24H", "within: PT0H", "'PT0H'", "immediately, without undue delay"),
    "a limit of zero hours": ("within: PT24H", "within: 0 hours", "'0 hours'", "immediately, without undue delay"),
    "a limit of years": ("within: PT24H", "within: P3Y", "'P3Y'", "immediately, without undue delay"),
    "a limit that is none": ("within: PT24H", "within: soon", "'soon'", "immediately, without undue delay"),
    "a final limit of what is final": (
        "    may be provisional: true\n",
        "",
        "'P30D'",
        "'may be provisional: true' beside it",
    ),
    "a condition on nothing": (WHEN, "when: {}", "a condition on nothing", "one condition"),
    "no condition": (WHEN, "when:", "nothing", "a condition such as"),
    "a condition that is a word": (WHEN, "when: always", "'always'", "a condition such as"),
    "two conditions": (
        WHEN,
        "when: {risk: high, severity: high}",
        "2 conditions",
        "one condition; several stand under",
    ),
    "an unknown subject": (WHEN, "when: {risks: {at least: likely}}", "the subject 'risks'", "one of risk, severity"),
    "nothing under not": (WHEN, "when:\n      not:", "nothing", "a condition such as"),
    "nothing under a verb": (
        WHEN,
        "when: {people: {at least: }}",
        "nothing",
        "for 'people' something that can be known",
    ),
    "a subject nobody compares": (
        WHEN,
        "when: {what happened: fire}",
        "the subject 'what happened'",
        "one of risk, severity",
    ),
    "an unknown verb": (WHEN, "when: {risk: {atleast: likely}}", "'atleast'", "how 'risk' compares: one of at least"),
    "a verb the subject cannot have": (
        WHEN,
        "when: {kind: {at least: loss}}",
        "'at least'",
        "how 'kind' compares: one of is, any of",
    ),
    "an equation of a number": (WHEN, "when: {people: 100}", "'100'", "how 'people' compares: one of at least"),
    "a value the subject cannot have": (
        WHEN,
        "when: {risk: {at least: grave}}",
        "'grave'",
        "for 'risk' one of not about living people, unlikely",
    ),
    "a count that is none": (WHEN, "when: {people: {more than: many}}", "'many'", "for 'people' a whole number"),
    "an empty list of values": (
        WHEN,
        "when: {kind: {any of: []}}",
        "an empty list",
        "for 'kind' a list of at least one",
    ),
    "an empty list of conditions": (WHEN, "when: {any: []}", "an empty list", "a list of conditions under 'any'"),
    "no list under all": (WHEN, "when: {all: {risk: high}}", "a mapping", "a list of conditions under 'all'"),
    "a wrong value deep inside": (
        WHEN,
        "when:\n      all:\n        - risk: high\n        - not:\n            any:\n|              - severity: grave",
        "'grave'",
        "for 'severity' one of low",
    ),
    "two comparisons": (WHEN, "when: {people: {at least: 1, at most: 5}}", "2 comparisons", "one comparison"),
    "an unknown key of a step": (
        "advised by: [staff]",
        "advisers: [staff]",
        "the key 'advisers'",
        "one of id, do, by, within, from",
    ),
    "an unknown key of the file": ("version: 1\n", "version: 1\n|author: me\n", "the key 'author'", "one of id, title"),
    "no version": ("version: 1\n", "", "no 'version'", "the key 'version'"),
    "a version that is no number": ("version: 1", "version: one", "'one'", "a whole number"),
    "no steps": (GOOD[GOOD.index("steps:") :], "steps: []\n", "a list", "at least 1 entry"),
    "a text where a list belongs": ("after: [tell]", "after: tell", "'tell'", "a list"),
    "an unknown duty": (
        "duty: regulator",
        "duty: police",
        "'police'",
        "one of regulator, people, partners, controller",
    ),
    "an unknown contact": (
        "contact: data protection officer",
        "contact: secretary",
        "'secretary'",
        "one of lead member, deputy",
    ),
    "an unknown event": (
        "covers: [breach, near miss]",
        "covers: [breach, flood]",
        "'flood'",
        "one of breach, suspected breach",
    ),
    "an unknown standing": ("standing: own", "standing: owned", "'owned'", "one of own, model, default"),
    "an own one of nobody": (
        "parties: [luton-borough-council]\n",
        "",
        "no 'parties'",
        "'parties' of which this is the own",
    ),
    "a model of a party": (
        "standing: own\n",
        "standing: model\n|kinds: [council]\n",
        "the key 'parties'",
        "none, where 'standing' is model",
    ),
    "an unknown kind": (
        "standing: own\nparties: [luton-borough-council]",
        "standing: model\n|kinds: [councils]",
        "'councils'",
        "a kind of party: one of council",
    ),
    "a repetition without an end": ("{every: P7D, until: notify}", "{every: P7D}", "no 'until'", "the key 'until'"),
    "an escalation by the calendar": ("{after: PT2H, to", "{after: P2D, to", "'P2D'", "elapsed hours such as PT2H"),
    "nobody else, and somebody": (
        "fallback: [dpo]}",
        "fallback: [dpo], only: true}",
        "'only' beside a 'fallback'",
        "one of the two",
    ),
    "an anchor": ("title: What we do", "title: &a What we do", "the anchor '&a'", "the value itself"),
    "a tag": ("title: What we do", "title: !!str What we do", "the tag", "a value without a tag"),
    "a key twice": ("version: 1\n", "version: 1\n|version: 2\n", "the key 'version' a second time", "each key once"),
    "a second document": ("steps:\n", "---\nsteps:\n", "a second document", "one document"),
}


# told where the circle closes, where the mapping begins, or where the key stands that asks for the missing one
ELSEWHERE = {
    "nothing under not": 34,
    "a circle of steps": 30,
    "no version": 1,
    "an own one of nobody": 4,
    "a model of a party": 6,
}


@pytest.mark.parametrize("case", SPOILT)
def test_one_spoilt_line_is_found_at_its_place(path, case):
    old, new, found, expected = SPOILT[case]
    assert GOOD.count(old) == 1, f"{old!r} stands {GOOD.count(old)} times"
    path.write_text(GOOD.replace(old, new.replace("|", "")))
    edited = GOOD[: GOOD.index(old)].count("\n") + 1 + new.partition("|")[0].count("\n") * ("|" in new)
    told = [fault for fault in faults(path) if fault.found.startswith(found) and fault.expected.startswith(expected)]
    assert [fault.line for fault in told] == [ELSEWHERE.get(case, edited)], [str(each) for each in faults(path)]


def test_all_faults_are_told_together_in_the_order_of_their_lines(path):
    path.write_text(GOOD.replace("by: dpo", "by: dop").replace("from: aware", "from: knowing").replace("P7D", "weekly"))
    told = faults(path)
    assert [fault.found for fault in told] == ["'dop'", "'knowing'", "'dop'", "'weekly'"]
    assert str(told[0]).startswith(f"{path}:27: found 'dop', expected a role: one of staff, dpo")


def test_a_party_that_is_not_there_is_told_where_the_parties_are_known(path):
    (fault,) = faults(path, parties=["luton-ccg"])
    assert (fault.line, fault.found, fault.expected) == (
        5,
        "'luton-borough-council'",
        "a party: one of luton-ccg; did you mean 'luton-ccg'?",
    )


def test_a_missing_file_a_huge_one_and_one_in_another_encoding_are_refused(path):
    other = path.with_name("other.yaml")
    assert faults(other) == (Fault(str(other), 1, "no such file", "a file of this name"),)
    path.write_bytes(GOOD.encode() + b"# \xa3\n")
    assert faults(path)[0].expected == "text in UTF-8"
    path.write_text(GOOD + "#" * 2_000_001)
    assert faults(path)[0].found == "more than 2000000 bytes"
    path.write_text("")
    assert faults(path) == (Fault(str(path), 1, "an empty file", "a mapping"),)
    path.write_text("- one\n")
    assert faults(path)[0].expected == "a mapping"


def test_a_chain_of_thousands_of_steps_is_refused_without_falling_over(path):
    steps = "".join(f"  - {{id: s{n}, do: x, by: staff, after: [s{(n + 1) % 5000}]}}\n" for n in range(5000))
    path.write_text(GOOD[: GOOD.index("steps:")] + "steps:\n" + steps)
    assert {fault.expected for fault in faults(path)} == {
        "at most 200 entries",
        "steps that do not wait for each other",
    }


@pytest.mark.parametrize("file", [*MODELS, DEFAULT], ids=lambda file: file.stem)
def test_what_comes_with_us_keeps_the_72_hours_and_says_all_that_the_law_asks(file):
    read = read_procedure(file)
    duties = {step.duty for step in read.steps.values()}
    assert {"regulator", "people", "partners"} <= duties
    assert {"contain", "assess", "decide", "notify", "record", "learn"} <= set(read.steps)
    assert not any(case.over_72 for case in worst_case(read))
    assert {case.hours for case in worst_case(read) if read.steps[case.step].duty == "regulator"} == {72}
    assert read.sources
    assert all(_ends_at_the_lead_member(read, step.by) for step in read.steps.values())
    own_work = [step for step in read.steps.values() if not step.duty]
    answers = {step.id for step in read.steps.values() if step.duty}
    assert not any(set(step.after) & answers for step in own_work), "a processor has no such answer to wait for"


def _ends_at_the_lead_member(read: Procedure, role: str) -> bool:
    entry = read.roles[role]
    return entry.contact == "lead member" or any(_ends_at_the_lead_member(read, other) for other in entry.fallback)


def test_every_kind_of_party_has_one_model_and_only_one_and_the_default_is_the_default():
    bedfordshire = read_protocol(PROTOCOLS / "bedfordshire")
    kinds = [kind for file in MODELS for kind in read_procedure(file).kinds]
    assert {party.kind for party in bedfordshire.parties} <= set(kinds)
    assert len(kinds) == len(set(kinds))
    assert {read_procedure(file).standing for file in MODELS} == {Standing.MODEL}
    assert read_procedure(DEFAULT).standing is Standing.DEFAULT


def test_whoever_can_be_named_is_a_contact_of_a_party():
    named = set(ContactRole.__args__)
    assert named == {role.value for role in Role} - {"secretary", "adviser", "assistant", "auditor"}


@given(conditions)
def test_a_condition_is_written_and_read_back(condition):
    assert condition_of(json.loads(json.dumps(written(condition)))) == _once(condition)


def _once(condition):
    """Values of a list named twice count once."""
    return condition_of(written(condition))


@given(graphs())
def test_a_procedure_comes_back_from_its_json_and_has_one_hash(procedure):
    content = as_content(procedure)
    again = from_content(json.loads(json.dumps(content)))
    assert as_content(again) == _normal(content)
    assert from_content(as_content(again)) == again
    backwards = dict(reversed(list(_normal(content).items())))
    assert sha256_of(backwards) == sha256_of(as_content(again))


def _normal(content):
    return as_content(from_content(content))


def test_a_changed_word_changes_the_hash(path):
    read = read_procedure(path)
    path.write_text(GOOD.replace("contain the breach", "stop the breach"))
    assert sha256_of(as_content(read_procedure(path))) != sha256_of(as_content(read))
    assert from_content(as_content(read)) == read
