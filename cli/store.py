"""The database itself: proved, upgraded, backed up, brought back."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from actions.plain_values import plain
from cli.opening import acting, looking, the_clock
from cli.options import Json
from cli.printing import proof, say, show_json

if TYPE_CHECKING:
    from actions.verifying import VerifyReport
    from models.upgrading import State

Replace = Annotated[bool, typer.Option("--replace", help="Where there is a database already, which is then kept.")]
File = Annotated[Path, typer.Argument(metavar="FILE", help="The backup's file.")]


def verify_command(as_json: Json = False) -> None:
    """Prove that history and invariants hold. Exit 1 if one does not."""
    from actions.overview import loaded_protocols
    from actions.verifying import VerifyReport, verify

    report, loaded = VerifyReport(), 0
    if _there_is_a_database():
        with looking() as (session, now):
            report, loaded = verify(session, now), len(loaded_protocols(session))
    if as_json:
        show_json(plain(report) | {"database": _named(), "protocols": loaded})
    else:
        typer.echo("\n".join(_proved(report, loaded)))
    if report.broken:
        raise typer.Exit(1)


def _proved(report: "VerifyReport", loaded: int) -> Iterator[str]:
    yield f"Read: {_named()}"
    if not loaded:
        yield "Nothing is loaded here."
    if not report.checked:
        return
    yield from proof(report)


def _there_is_a_database() -> bool:
    """Asks, and makes nothing: whoever only looks needs no data folder."""
    from sqlalchemy import make_url

    from settings import settings

    url = make_url(settings().store_url)
    return url.get_backend_name() != "sqlite" or Path(url.database or "").is_file()


def _named() -> str:
    """The database that is read: a file, or a server's, without its password."""
    from sqlalchemy import make_url

    from settings import settings

    url = make_url(settings().store_url)
    return url.database or "" if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)


def upgrade_command(as_json: Json = False) -> None:
    """Bring the database to this release; a backup is kept first."""
    from models.store import engine
    from models.upgrading import State, state_of

    found, kept = state_of(engine()), None
    if found is not State.CURRENT:
        found, kept = _upgrade_keeping_backup(the_clock())
    if found is State.CURRENT:
        say(as_json, "The database is of this release: nothing to do.", changed=False, backup=None)
        return
    beside = f" A backup of what it was is at {kept}." if kept else ""
    say(as_json, f"The database is brought up to date.{beside}", changed=True, backup=str(kept) if kept else None)


def _upgrade_keeping_backup(now: datetime) -> tuple["State", Path | None]:
    """What the store was, and where the backup lies of one that an older release has written."""
    from models.backup import backup
    from models.store import engine
    from models.upgrading import State, upgrade
    from settings import settings

    kept = settings().data.absolute() / "backups" / f"before-upgrade-{now:%Y%m%dT%H%M%SZ}"

    def keep() -> None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        backup(settings().store_url, kept)

    found = upgrade(engine(), keep=keep)
    accounted_for()
    return found, kept if found is State.OLD else None


def backup_command(file: File, as_json: Json = False) -> None:
    """Copy the whole database into a file, while it runs too."""
    from models.backup import backup
    from settings import settings

    size = backup(settings().store_url, file)
    say(as_json, f"Backed up to {file} ({size:,} bytes, checked).", file=str(file.absolute()), bytes=size)


def restore_command(file: File, replace: Replace = False, as_json: Json = False) -> None:
    """Put a backup in the database's place. What it replaces is kept beside it."""
    from models.restore import restore
    from models.upgrading import State
    from settings import settings

    done = restore(settings().store_url, file, settings().data, the_clock(), replace=replace)
    old = done.state is State.OLD
    waiting = 0 if old else accounted_for()
    parts = [f"{file} is the database now."]
    if done.kept:
        parts.append(f"What it replaced is kept at {done.kept}.")
    if old:
        parts.append("It is of an older release: run `concordat upgrade`.")
    if waiting:
        parts.append(
            f"{waiting} messages were waiting when the backup was made and go out when Concordat runs, even those "
            "that have left since: see `concordat outbox --state queued` first."
        )
    kept = str(done.kept) if done.kept else None
    say(as_json, " ".join(parts), replaced=kept, needs_upgrade=old, waiting_messages=waiting)


def accounted_for() -> int:
    """A store that was brought back knows it, and the secretary does; answers how many messages are in doubt."""
    from actions.restoring import account_for_restore

    with acting() as (session, now):
        return account_for_restore(session, now, "concordat restore") or 0
