"""Documents: files are checked line by line, shown as a difference, and take effect as shown or not at all."""

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, func, select
from starlette.testclient import TestClient

import protocols
from models.access import Standing
from models.history import History
from models.outbox import Message
from models.procedure import PartyProcedure, ProcedureVersion
from models.protocol import Contact, Party, Protocol
from models.store import reading
from tests.web.site import Site
from web.console.documents_loading import field_of
from web.console.documents_upload import NAMES, NotOurPack, packed, unpacked

FOLDER = Path(protocols.__file__).parent / "bedfordshire"
LOAD = "/console/documents/load"
BOOK = "/console/documents/procedure"


def files(**otherwise: str) -> dict[str, Any]:
    """The folder as a browser sends it, some of it reworded."""
    texts = {name: (FOLDER / name).read_text(encoding="utf-8") for name in NAMES}
    texts |= {f"{name}.yaml": text for name, text in otherwise.items()}
    return {field_of(name): (name, text.encode(), "text/yaml") for name, text in texts.items()}


def reworded(name: str, old: str, new: str) -> str:
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    assert old in text
    return text.replace(old, new, 1)


def checked(browser: TestClient, sent: dict[str, Any], path: str = LOAD) -> Any:
    return browser.post(path, files=sent, data={"preview": "yes"})


def carried(page: str) -> dict[str, str]:
    """What the page's own form would send on."""
    found = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    return {name: unescape(value) for name, value in found.items()}


def counts(site: Site) -> list[int]:
    with reading(site.store) as session:
        return [
            session.exec(select(func.count()).select_from(table)).one()
            for table in (History, Message, Party, Contact, ProcedureVersion, PartyProcedure)
        ]


NEW_NAME = "Luton Borough Council and its schools"


def changed() -> dict[str, Any]:
    return files(parties=reworded("parties", "name: Luton Borough Council", f"name: {NEW_NAME}"))


def test_a_wrong_file_is_shown_with_its_line_and_the_right_ones_are_kept(site: Site) -> None:
    wrong = reworded("protocol", "zone: Europe/London", "zone: Europe/Lunden")
    line = wrong.splitlines().index("zone: Europe/Lunden") + 1
    answer = checked(site.console(), files(protocol=wrong))
    text = unescape(answer.text)
    assert answer.status_code == 422
    assert f"protocol.yaml, line {line}: found 'Europe/Lunden', expected" in text
    assert "Error: " in text
    assert "Make it take effect" not in text
    kept = carried(answer.text)
    assert set(unpacked(kept["kept"])) == set(NAMES)
    mended = {field_of("protocol.yaml"): ("x.yaml", (FOLDER / "protocol.yaml").read_bytes(), "text/yaml")}
    again = site.console().post(LOAD, files=mended, data={"preview": "yes", "kept": kept["kept"]})
    assert again.status_code == 200
    assert "Nothing would change" in again.text


def test_a_folder_without_a_file_says_which(site: Site) -> None:
    sent = files()
    del sent["clauses_file"]
    answer = checked(site.console(), sent)
    assert answer.status_code == 422
    assert "clauses.yaml, line 1: found" in unescape(answer.text)
    assert site.console().post(LOAD, data={"preview": "yes"}).status_code == 422


def test_looking_changes_nothing_and_pressing_does_exactly_what_was_shown(site: Site) -> None:
    before, browser = counts(site), site.console()
    shown = checked(browser, changed())
    assert shown.status_code == 200
    assert counts(site) == before
    assert "Luton Borough Council: name changed." in shown.text
    assert re.search(rf"luton-borough-council</th>.*>changed</strong>.*<td [^>]*>{NEW_NAME}, ", shown.text)
    done = browser.post(LOAD, data=carried(shown.text))
    assert (done.status_code, done.headers["location"]) == (303, "/console/documents")
    with reading(site.store) as session:
        party = session.exec(select(Party).where(Party.slug == "luton-borough-council")).one()
        assert party.name == NEW_NAME
        last = session.exec(select(History).order_by(col(History.id).desc())).first()
        assert last is not None
        assert (last.what, last.who[:9]) == ("party changed by file", "secretary")
    assert counts(site)[0] == before[0] + 1


def test_what_was_never_looked_at_does_not_take_effect(site: Site) -> None:
    before = counts(site)
    answer = site.console().post(LOAD, files=changed(), data={})
    assert answer.status_code == 422
    assert "look at what it would change first" in answer.text
    assert counts(site) == before


def test_a_store_that_has_changed_meanwhile_is_shown_anew(site: Site) -> None:
    browser = site.console()
    shown = checked(browser, changed())

    def renamed(session: Any, _now: Any, protocol: Protocol) -> None:
        party = session.exec(select(Party).where(Party.slug == "luton-borough-council")).one()
        party.name = "Luton Council"
        session.add(party)

    site.acting(renamed)
    before = counts(site)
    refused = browser.post(LOAD, data=carried(shown.text))
    assert refused.status_code == 422
    assert "has changed since you looked" in refused.text
    assert "Luton Council: name changed." in refused.text
    assert counts(site) == before
    assert browser.post(LOAD, data=carried(refused.text)).status_code == 303


def test_other_words_than_those_shown_do_not_take_effect(site: Site) -> None:
    browser = site.console()
    shown = carried(checked(browser, changed()).text)
    other = unpacked(shown["kept"])
    other["parties.yaml"] = other["parties.yaml"].replace(NEW_NAME, "Somebody else")
    answer = browser.post(LOAD, data=shown | {"kept": packed(other)})
    assert answer.status_code == 422
    with reading(site.store) as session:
        assert session.exec(select(Party.name).where(Party.slug == "luton-borough-council")).one() == (
            "Luton Borough Council"
        )


def test_a_text_that_is_in_force_is_not_changed_by_a_file_and_the_rule_is_named(site: Site) -> None:
    sent = files(clauses=reworded("clauses", "accept one set of standards", "accept two sets of standards"))
    answer = checked(site.console(), sent)
    assert answer.status_code == 200
    assert "two</ins>" in answer.text
    assert "is fixed and cannot change" in unescape(answer.text)
    assert "Make it take effect" not in answer.text


@pytest.mark.parametrize("name", ["../../../../../../..{}", "{}", "..\\x.yaml"])
def test_the_name_of_an_upload_is_never_a_path(site: Site, tmp_path: Path, name: str) -> None:
    sent, evil = files(), tmp_path / "evil.yaml"
    sent["protocol_file"] = (name.format(evil), b"evil", "text/yaml")
    answer = checked(site.console(), sent)
    assert answer.status_code == 422
    assert "protocol.yaml, line 1" in unescape(answer.text)
    assert not evil.exists()


def test_a_pack_that_somebody_made_up_is_refused(site: Site) -> None:
    for said in ("nonsense", packed({"../../x": "y"}), packed({"protocol.yaml": "x" * 5_000_000})):
        with pytest.raises(NotOurPack):
            unpacked(said)
        answer = site.console().post(LOAD, data={"preview": "yes", "kept": said})
        assert answer.status_code == 422


def test_hostile_words_in_a_file_are_only_words(site: Site) -> None:
    hostile = reworded("parties", "name: Luton Borough Council", 'name: "<script>alert(1)</script>"')
    answer = checked(site.console(), files(parties=hostile))
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert" in answer.text


def test_who_does_not_decide_cannot_load_and_an_auditor_reads(site: Site) -> None:
    for standing in (Standing.ASSISTANT, Standing.AUDITOR):
        assert checked(site.console(standing), files()).status_code == 403
    assert site.console(Standing.AUDITOR).get("/console/documents").status_code == 200
    assert checked(site.console(Standing.AUDITOR), {}, BOOK).status_code == 403


def test_a_program_is_told_the_mark_and_then_loads(site: Site) -> None:
    program = site.program()
    sent = {name: {"name": file[0], "text": file[1].decode()} for name, file in changed().items()}
    first = program.post("/api/documents/load", json=sent)
    assert first.status_code == 409
    found = re.search(r"[0-9a-f]{64}", first.json()["detail"])
    assert found is not None
    done = program.post("/api/documents/load", json=sent | {"seen": found[0]})
    assert done.status_code == 200
    assert done.json()["changed"] == ["Luton Borough Council: name changed."]


COUNCIL = FOLDER / "procedures" / "council.yaml"


def book(text: str) -> dict[str, Any]:
    return {"procedure_file": ("../../council.yaml", text.encode(), "text/yaml")}


def test_a_procedure_is_checked_shown_beside_the_kept_one_and_then_kept(site: Site) -> None:
    browser, before, text = site.console(), counts(site), COUNCIL.read_text(encoding="utf-8")
    found = re.search(r"^    do: (.+)$|^  - id: .+\n    do: (.+)$", text, re.MULTILINE)
    assert found is not None
    words = found[1] or found[2]
    newer = text.replace("version: 1", "version: 2", 1).replace(words, f"{words} at once", 1)
    shown = checked(browser, book(newer), BOOK)
    assert shown.status_code == 200, unescape(shown.text)[:3000]
    assert "at once</ins>" in shown.text
    assert counts(site) == before
    done = browser.post(BOOK, data=carried(shown.text))
    assert (done.status_code, done.headers["location"]) == (303, "/console/procedures/council-model")
    with reading(site.store) as session:
        numbers = session.exec(select(ProcedureVersion.number).where(ProcedureVersion.key == "council-model")).all()
    assert sorted(numbers) == [1, 2]
    assert f"{words} at once" in unescape(browser.get("/console/procedures/council-model").text)


def test_a_wrong_procedure_is_shown_with_its_line_and_kept_versions_never_change(site: Site) -> None:
    text = COUNCIL.read_text(encoding="utf-8")
    wrong = text.replace("version: 1", "version: one", 1)
    line = next(number for number, each in enumerate(wrong.splitlines(), 1) if "version: one" in each)
    answer = checked(site.console(), book(wrong), BOOK)
    assert answer.status_code == 422 or "procedure.yaml" in answer.text
    assert f"procedure.yaml, line {line}: found 'one'" in unescape(answer.text)
    title = re.search(r"^title: (.+)$", text, re.MULTILINE)
    assert title is not None
    other = checked(site.console(), book(text.replace(title[1], "Another title", 1)), BOOK)
    assert "versions never change" in unescape(other.text)


def test_a_party_is_given_a_procedure(site: Site) -> None:
    browser, path = site.console(Standing.ASSISTANT), "/console/procedures/assign/luton-borough-council"
    assert browser.get(path).status_code == 200
    assert browser.post(path, data={"procedure": "nobodys"}).status_code == 422
    assert browser.post(path, data={"procedure": "police-model"}).status_code == 303
    with reading(site.store) as session:
        assert session.exec(select(PartyProcedure.key)).all()[-1] == "police-model"
    assert site.console(Standing.AUDITOR).post(path, data={"procedure": "council-model"}).status_code == 403
    assert browser.get("/console/procedures/assign/nobody").status_code == 404
