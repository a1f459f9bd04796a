"""What links and codes are made with: one key, kept where only its owner reads it, whoever makes it first."""

import os
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import secret_key as keys
from models.secret_key import digits, is_token, number_and_token, token
from settings import settings


@pytest.fixture
def own_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.delenv("CONCORDAT_SECRET_KEY", raising=False)
    monkeypatch.setenv("CONCORDAT_DATA", str(tmp_path))
    settings.cache_clear()
    keys.secret_key.cache_clear()
    yield tmp_path / "secret.key"
    monkeypatch.undo()
    settings.cache_clear()
    keys.secret_key.cache_clear()


def test_the_key_is_made_once_and_only_its_owner_reads_it(own_key: Path) -> None:
    first = keys.secret_key()
    keys.secret_key.cache_clear()
    assert keys.secret_key() == first == own_key.read_bytes()
    assert stat.S_IMODE(own_key.stat().st_mode) == 0o600
    assert os.listdir(own_key.parent) == ["secret.key"]


def test_processes_that_make_it_at_once_end_with_one(own_key: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: keys._kept(own_key), range(32)))) == 1


@given(st.integers(0, 10**9 - 1), st.integers(0, 10**9 - 1), st.text(max_size=20), st.text(max_size=20))
def test_a_token_is_of_one_purpose_one_number_and_one_row(number: int, other: int, whose: str, anothers: str) -> None:
    made = token("party-link", number, whose)
    assert number_and_token(f"{number}-{made}") == (number, made)
    assert is_token("party-link", number, whose, made)
    assert not is_token("sign-in", number, whose, made)
    if (other, anothers) != (number, whose):
        assert not is_token("party-link", other, anothers, made)


@given(st.text())
def test_what_anybody_writes_into_an_address_is_no_link(said: str) -> None:
    found = number_and_token(said)
    assert found is None or not is_token("party-link", found[0], "somebody", found[1])


def test_a_code_has_six_digits_of_its_own() -> None:
    codes = {digits("signing-code", number, "a mark") for number in range(2000)}
    assert all(len(each) == 6 and each.isdecimal() for each in codes)
    assert len(codes) > 1950
