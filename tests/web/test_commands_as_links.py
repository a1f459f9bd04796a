"""Every command has its page, or is the operator's; and whatever a sentence tells somebody to type is a link there."""

import re

from models.access import Standing
from tests.cli.test_every_command import ACTING, _parsed, _shown
from web.commands import OF_THE_OPERATOR, PLACES, SHOWN, _words, acts_by_command, lets_in, page_of_command
from web.declared import ACTS, PAGES
from web.declaring import area_of
from web.wording import for_people

A_VALUE = "1"
SHOWN_WITH_NOTHING = re.compile(r"\b(1 party|ANSWER|TEXT)\b")


def test_every_command_has_a_page_or_is_the_operators() -> None:
    with_a_page = set(acts_by_command()) | set(SHOWN)
    assert set(ACTING) - with_a_page - set(OF_THE_OPERATOR) == set()
    assert with_a_page - set(ACTING) == set(), "a page names a command that is none"
    assert with_a_page & set(OF_THE_OPERATOR) == set()
    assert all(OF_THE_OPERATOR.values())


def test_no_command_is_two_acts() -> None:
    """But for one that people do in two areas: anybody reports a breach, and so does the secretary for somebody."""
    named = [(act.command, area_of(act.path)) for act in ACTS if act.command]
    twice = {each for each in named if named.count(each) > 1}
    assert twice == set()


def test_every_page_that_stands_for_a_command_is_there() -> None:
    there = {PLACES.sub("{}", declared.path) for declared in (*PAGES, *ACTS)}
    assert {path for path, _ in SHOWN.values() if path not in there} == set()
    assert all(path.count("{}") >= title.count("{}") for path, title in SHOWN.values())


def test_the_arguments_of_a_command_fill_the_places_of_its_page() -> None:
    """As many arguments as an act's address has places, so that a sentence that names all of them is a link."""
    short = {}
    for name, act in acts_by_command().items():
        arguments = [each for each in ACTING[name].params if each.param_type_name == "argument"]
        places = PLACES.findall(act.path)
        filled = page_of_command(f"{name} {' '.join([A_VALUE] * max(len(arguments), len(places)))}")
        if filled is None or len(places) > len(arguments):
            short[name] = (act.path, [each.name for each in arguments])
    assert short == {}


def test_every_command_that_a_sentence_shows_whole_is_a_link() -> None:
    """What is left open (`PARTY`, `1 party`) cannot be one; what is the operator's is not."""
    wrong = {}
    for file, line in sorted(_shown()):
        words = _words(line)
        name = next((" ".join(words[:n]) for n in (3, 2, 1) if " ".join(words[:n]) in ACTING), None)
        if name is None or name in OF_THE_OPERATOR or _parsed(words) is not None:
            continue
        given = [each for each in words[len(name.split()) :] if not each.startswith("-")]
        if not any(each.isupper() for each in given) and page_of_command(line) is None:
            wrong[f"{file}: concordat {line}"] = name
    assert wrong == {}


def test_a_sentence_names_the_page_and_not_the_command() -> None:
    said = for_people("Open it first: `concordat gap reopen 3`, or see `concordat outbox` (`--why`).")
    assert "concordat" not in said.striptags()
    assert 'href="/console/outbox"' in said
    assert "--why" not in said
    assert "<code>concordat backup</code>" in for_people("Make a copy: `concordat backup`.")


def test_what_a_matter_on_the_list_leaves_open_is_a_link_too() -> None:
    for sentence, path in (
        ("Telephone them: `concordat contact correct virgin-health lead-member ADDRESS`.",
         "/console/parties/virgin-health/contacts/lead-member/correct"),
        ("They have it: `concordat outbox resolve 3 send-again`.", "/console/messages/3/resolve/send-again"),
        ("If nothing follows: `concordat matter close NUMBER --because TEXT`.", "/console/matters"),
    ):  # fmt: skip
        said = for_people(sentence)
        assert f'href="{path}"' in said
        assert "concordat" not in said.striptags()


def test_what_is_not_for_the_visitor_is_said_and_no_link() -> None:
    todo = "Record it: `concordat legislation change`, or see `concordat outbox`."
    for standing in (Standing.AUDITOR, Standing.ASSISTANT):
        said = for_people(todo, standing=standing)
        assert "/console/legislation/change" not in said
        assert "record a change of the law" in said.casefold()
        assert 'href="/console/outbox"' in said
    for_all = for_people(todo)
    assert for_all == for_people(todo, standing=Standing.SECRETARY)
    assert "/console/legislation/change" in for_all


def test_who_is_let_in_is_what_the_page_declares() -> None:
    for declared in (*PAGES, *ACTS):
        address = PLACES.sub("1", declared.path) + "?x=1#y"
        assert {each for each in Standing if lets_in(address, each)} == set(declared.who), declared.path
    assert not lets_in("/nowhere", Standing.SECRETARY)


HOSTILE = (
    "..", ".", "../../sign-out", "//evil.example", "javascript:alert(1)", "1?next=x", "1#x", "%2e%2e", '"><script>',
)  # fmt: skip


def test_a_word_in_a_command_cannot_lead_elsewhere() -> None:
    for word in HOSTILE:
        found = page_of_command(f"review show {word}")
        assert found is None or re.fullmatch(r"/console/reviews(/\w[\w.:-]*)?", found[0]), word
        assert "<script>" not in for_people(f"See `concordat review show {word}`.")
