"""The file's legislation."""

from sqlmodel import select

from actions.load_report import Loading
from models.protocol import Legislation, LegislationChange


def load_legislation(loading: Loading) -> None:
    """What is no longer in the file is no longer in the list: the law itself is not ours to keep."""
    known = {row.key: row for row in _stored_legislation(loading)}
    same = 0
    for entry in loading.file.legislation:
        values = {
            "title": entry.title, "status": entry.status, "since": entry.since.day if entry.since else None,
            "successor": entry.successor, "source": entry.source, "clauses": list(entry.clauses),
        }  # fmt: skip
        row = known.pop(entry.id, None)
        if row is None:
            of = {"protocol_id": loading.protocol.id, "key": entry.id}
            loading.session.add(Legislation.model_validate(of | values))
        same += loading.tell(row, values, entry.title, "legislation", entry.id)
    for row in known.values():
        _remove_act(loading, row)
    loading.same(same, "item of the legislation", "items of the legislation")
    loading.session.flush()


def _remove_act(loading: Loading, row: Legislation) -> None:
    if loading.session.exec(select(LegislationChange.id).where(LegislationChange.legislation_id == row.id)).first():
        loading.keep(f"{row.title} is no longer in the file, but a change of it is recorded: it stays.")
        return
    loading.session.delete(row)
    loading.change(f"{row.title} is no longer listed.", "legislation removed by file", legislation=row.key)


def _stored_legislation(loading: Loading) -> list[Legislation]:
    statement = select(Legislation).where(Legislation.protocol_id == loading.protocol.id)
    return list(loading.session.exec(statement))
