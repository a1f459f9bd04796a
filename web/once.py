"""Sent twice, done once: a key of the sender's own, kept with what was answered."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlmodel import select

from actions.plain_values import plain
from models.access import AnsweredRequest
from models.inserting import insert_unless_there
from models.locking import lock
from models.secret_key import secret_key
from rules.errors import Refused

if TYPE_CHECKING:
    from web.declaring import Act, Asked, Done


class Again(Refused):
    """The same key for something else."""

    def __init__(self, key: str) -> None:
        super().__init__(f"The key “{key}” was used for something else: give every request a key of its own.")


class SentOtherwise(Refused):
    """A form that was sent, gone back to, and corrected: it has a new key when it is shown again."""

    def __init__(self) -> None:
        super().__init__("You sent this page before, with other answers. Look at it again, then press once more.")


def new_key() -> str:
    return secrets.token_urlsafe(12)


def answered_before(asked: "Asked", act: "Act", key: str, values: Mapping[str, Any]) -> "Done | None":
    """What was answered under this key. None: it is ours to do now, and nobody else's until we are done.

    Raises Again.
    """
    lock(asked.session, f"once:{asked.caller.by}:{key}")
    mark = fingerprint(act, asked.place, values)
    found = _kept(asked, key)
    if found is None:
        row = AnsweredRequest(who=asked.caller.by, key=key, fingerprint=mark, answer={}, answered_at=asked.now)
        insert_unless_there(asked.session, row)
        return None
    if found.fingerprint != mark:
        raise Again(key)
    return _said(found)


def known_answer(asked: "Asked", act: "Act", key: str, values: Mapping[str, Any]) -> "Done | None":
    """Only looks. None also where the key was used for something else: that is said when it comes to be done."""
    found = _kept(asked, key)
    return _said(found) if found is not None and found.fingerprint == fingerprint(act, asked.place, values) else None


def _kept(asked: "Asked", key: str) -> AnsweredRequest | None:
    who = AnsweredRequest.who == asked.caller.by
    return asked.session.exec(select(AnsweredRequest).where(who, AnsweredRequest.key == key)).first()


def _said(found: AnsweredRequest) -> "Done":
    from web.declaring import Done

    return Done(sentence=found.answer["sentence"], to=found.answer["to"], facts=found.answer["facts"])


def keep_answer(asked: "Asked", key: str, done: "Done") -> None:
    """What is shown one time only is not kept: asked again, it is not said again."""
    row = _kept(asked, key)
    assert row is not None
    row.answer = {"sentence": done.sentence, "to": done.to, "facts": plain({} if done.page else dict(done.facts))}
    asked.session.add(row)


def fingerprint(act: "Act", place: Mapping[str, Any], values: Mapping[str, Any]) -> str:
    """With our key: a form may hold a code, of which nobody should be able to try all."""
    said = [act.path, plain(dict(place)), plain(dict(values))]
    return hmac.new(secret_key(), json.dumps(said, sort_keys=True, default=str).encode(), hashlib.sha256).hexdigest()
