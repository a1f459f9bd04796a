"""The file's successions: from each party to the body that stands in its place today. Recorded, not applied."""

from typing import Any

from sqlmodel import select

from actions.cast import known_id
from actions.load_report import Loading
from models.protocol import Party, Succession, SuccessionKind
from models.protocol_file import Lineage, ProtocolFile

SENTENCE = 500  # characters: the longest a note or a matter's sentence may be
SOURCE = 300


def load_successions(loading: Loading) -> None:
    """One row for a chain of steps. What has been applied stays as it was when it was applied."""
    parties = loading.session.exec(select(Party).where(Party.protocol_id == loading.protocol.id))
    ids = {party.slug: known_id(party) for party in parties}
    known = {row.key: row for row in _stored(loading)}
    same = 0
    for lineage in loading.file.lineages():
        key = succession_key(lineage)
        values = succession_values(loading.file, lineage)
        row = known.pop(key, None)
        if row is None:
            of = {"protocol_id": loading.protocol.id, "key": key, "party_id": ids[lineage.party.id]}
            loading.session.add(Succession.model_validate(of | values))
            if not loading.first:
                loading.create(f"{lineage.party.name} has a successor.", "succession added by file", key=key)
        elif row.applied_at is not None or not (changed := loading.update(row, values)):
            same += 1
        else:
            sentence = f"What is known of the successor of {lineage.party.name} changed."
            loading.change(sentence, "succession changed by file", key=key, changed=changed)
    for row in known.values():
        _remove(loading, row)
    loading.same(same, "succession")
    loading.session.flush()


def _stored(loading: Loading) -> list[Succession]:
    statement = select(Succession).where(Succession.protocol_id == loading.protocol.id)
    return list(loading.session.exec(statement))


def _remove(loading: Loading, row: Succession) -> None:
    if row.applied_at is not None:
        loading.keep(f"That {row.successor_name} came after another body is no longer in the file; it was applied.")
        return
    loading.session.delete(row)
    loading.change(
        f"{row.successor_name} is no longer named as a successor.", "succession removed by file", key=row.key
    )


def succession_key(lineage: Lineage) -> str:
    return f"{lineage.party.id}>{lineage.steps[-1].to}"


def succession_values(file: ProtocolFile, lineage: Lineage) -> dict[str, Any]:
    """The last step says when; the kind is what happened to the party itself."""
    last = lineage.steps[-1]
    return {
        "successor_slug": last.to,
        "successor_name": file.name_of(last.to),
        "kind": _kind(lineage),
        "happened_on": last.on.first,
        "happened_words": last.on.words,
        "source": succession_source(lineage),
        "note": shortened(f"{succession_way(file, lineage)} {succession_remarks(lineage)}".strip(), SENTENCE),
    }


def _kind(lineage: Lineage) -> SuccessionKind:
    """Where the first step took only a part, the party lives on. A whole body that merges later has merged."""
    first = lineage.steps[0].kind
    merged = any(step.kind is not SuccessionKind.ONE_TO_ONE for step in lineage.steps)
    return SuccessionKind.MANY_TO_ONE if first is SuccessionKind.ONE_TO_ONE and merged else first


def succession_way(file: ProtocolFile, lineage: Lineage) -> str:
    """“Luton Clinical Commissioning Group became A (1 April 2021), then B (1 July 2022).”"""
    party, first = lineage.party.name, lineage.steps[0]
    became = f"A part of {party} went to" if first.kind is SuccessionKind.PART_OF else f"{party} became"
    return f"{became} {', then '.join(f'{file.name_of(step.to)} ({step.on.words})' for step in lineage.steps)}."


def succession_remarks(lineage: Lineage) -> str:
    """What is to be known of the steps, and what has to be checked first."""
    return " ".join(remark for step in lineage.steps for remark in (step.note, step.uncertain) if remark)


def succession_source(lineage: Lineage) -> str:
    return shortened("; ".join(dict.fromkeys(step.source for step in lineage.steps)), SOURCE)


def shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
