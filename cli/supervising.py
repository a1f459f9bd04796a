"""The supervisor behind `concordat up`: one process tree, begun in order, watched, and ended in order."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cli.data_folder import held, prepared, write_state
from cli.guardian import end_marked
from cli.machine import Machine, mark_of, this_machine
from cli.opening import the_clock
from cli.processes import Child, Tree
from cli.signing_in import first_sign_in
from cli.sweep_watch import SweepWatch
from rules.errors import Refused
from settings import settings

STEP_SECONDS = 0.2
SERVER_SECONDS = 120
DEPLOYING_SECONDS = 180
WORKER_SECONDS = 90
WEB_SECONDS = 60
LOOK_AT_SWEEP_SECONDS = 30


class Stopped(Exception):
    """Ctrl-C or SIGTERM."""


class DidNotStart(Refused):
    def __init__(self, child: Child) -> None:
        super().__init__(
            f"The {child.name} failed or took too long to start. The end of {child.log}:\n{_end_of(child.log)}"
        )


class Asked:
    """Whether somebody wants us to stop. A flag, not an exception: no step is cut in the middle."""

    def __init__(self) -> None:
        self.to_stop = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)

    def _note(self, _number: int, _frame: object) -> None:
        self.to_stop = True

    def pause(self) -> None:
        """Raises Stopped."""
        if self.to_stop:
            raise Stopped
        time.sleep(STEP_SECONDS)


def run(demo: bool) -> None:
    """Until Ctrl-C or SIGTERM. Raises Refused, with nothing left running, when it cannot start."""
    asked, data = Asked(), prepared(settings().data)
    with held(data):
        end_marked(lambda mark: mark.startswith(mark_of(data)))
        _prepare_store()
        machine, tree = this_machine(settings(), data), Tree()
        with _guarded(machine, tree):
            try:
                _start(machine, tree, asked, demo)
                _watch(machine, tree, asked)
            except Stopped:
                _say("Stopping.")
        _say("Stopped. `concordat up` goes on from here.")


@contextmanager
def _guarded(machine: Machine, tree: Tree) -> Iterator[None]:
    """However this ends, nothing of the tree stays behind: in order if we can, by the guardian if we are killed."""
    (machine.data / "logs").mkdir(exist_ok=True)
    command = [sys.executable, "-m", "cli.guardian", machine.mark]
    with subprocess.Popen(command, stdin=subprocess.PIPE, cwd=machine.data, start_new_session=True):
        try:
            yield
        finally:
            tree.stop()
            end_marked(lambda mark: mark == machine.mark)


def _prepare_store() -> None:
    """Make the tables, or bring them to this release and say where the backup is. Raises StoreIsNewer."""
    from cli.store import accounted_for, upgrade_command
    from models.store import engine
    from models.upgrading import State, state_of, upgrade

    match state_of(engine()):
        case State.EMPTY:
            upgrade(engine())
        case State.OLD:
            upgrade_command()
        case State.CURRENT:
            accounted_for()


def _start(machine: Machine, tree: Tree, asked: Asked, demo: bool) -> None:
    """The server takes seconds to come up; the store is ready, and speaks, in the meantime."""
    server = tree.start(machine.server())
    if machine.catcher_port is not None:
        tree.start(machine.catcher())
    if demo:
        _load_demonstration()
    web = tree.start(machine.web())
    _wait(asked, web, machine.pages_answer, WEB_SECONDS)
    for line in _where_to_go(machine):
        _say(line)
    _say(f"{_first_words()}\n{_how_to_call()}\nStarting the clock: some seconds more.")
    _wait(asked, server, machine.is_healthy, SERVER_SECONDS)
    _deploy(machine, asked)
    began = the_clock()
    worker = tree.start(machine.worker())
    _wait(asked, worker, lambda: machine.worker_is_online(began), WORKER_SECONDS)
    _note_state(machine, tree)
    for line in _ready(machine):
        _say(line)


def _load_demonstration() -> None:
    """The Bedfordshire protocol, where nobody has loaded another."""
    from actions.loading import load_protocol
    from actions.overview import loaded_protocols
    from models.protocol_file import read_protocol
    from models.store import transaction
    from settings import HERE

    with transaction() as session:
        if not loaded_protocols(session):
            load_protocol(session, the_clock(), read_protocol(HERE / "protocols" / "bedfordshire"), "concordat up")


def _where_to_go(machine: Machine) -> Iterator[str]:
    """The pages, and while nobody has ever signed in, a link that does it once."""
    address = settings().web_url or machine.pages
    yield f"The pages: {address}"
    path = first_sign_in()
    if path is not None:
        yield f"Sign in as the secretary (once, within a day): {address}{path}"
    yield ""


def _first_words() -> str:
    from cli.words import first_words
    from models.store import reading

    with reading() as session:
        return first_words(session, the_clock())


def _how_to_call() -> str:
    """A virtual environment that is not active: the commands above are not on the reader's PATH."""
    if shutil.which("concordat") is not None:
        return ""
    return f"\nIn another terminal, in this folder, write `{os.path.relpath(sys.argv[0])}` for `concordat`.\n"


def _deploy(machine: Machine, asked: Asked) -> None:
    child = machine.deploying()
    child.start()
    try:
        _wait(asked, child, lambda: child.exit_code() == 0, DEPLOYING_SECONDS)
    finally:
        child.end()


def _wait(asked: Asked, child: Child, ready: Callable[[], bool], seconds: float) -> None:
    """Raises DidNotStart when the child ends, or takes longer than that."""
    deadline = time.monotonic() + seconds
    while not ready():
        if child.exit_code() not in (None, 0) or time.monotonic() > deadline:
            raise DidNotStart(child)
        asked.pause()


def _watch(machine: Machine, tree: Tree, asked: Asked) -> None:
    """Until Stopped is raised."""
    watch, look_at, noted = SweepWatch(the_clock()), time.monotonic(), dict[str, int]()
    while True:
        asked.pause()
        for line in tree.restart_the_dead():
            _say(line)
        tree.keep_logs_small()
        if tree.pids() != noted:
            noted = _note_state(machine, tree)
        if time.monotonic() >= look_at:
            look_at = time.monotonic() + LOOK_AT_SWEEP_SECONDS
            _look_at_sweep(machine, watch)


def _look_at_sweep(machine: Machine, watch: SweepWatch) -> None:
    """A database that is away is itself an alarm, and no reason to stop: it is asked again."""
    from sqlalchemy.exc import DBAPIError

    try:
        alarm = watch.look(the_clock())
    except (DBAPIError, OSError) as error:
        why = type(error).__name__
        _say(f"ALARM: the database cannot be used ({why}). Nothing is opened or reminded until it can.")
        return
    if alarm:
        _say(alarm)
        _send_alarm(machine, watch)


def _send_alarm(machine: Machine, watch: SweepWatch) -> None:
    """The alarm lies in the outbox, and whoever delivers it may be what has stopped."""
    if watch.alarmed:
        delivery = machine.delivering()
        try:
            delivery.start()
        except OSError as error:
            _say(f"The alarm cannot be sent yet ({error}).")
            watch.alarmed = False  # with the next look it is
            return
        threading.Thread(target=delivery.end, daemon=True).start()


def _note_state(machine: Machine, tree: Tree) -> dict[str, int]:
    """Answers what is noted: nothing while the disk is full, and no reason to stop."""
    pids = tree.pids()
    state = {"pid": os.getpid(), "prefect": machine.address, "web": machine.pages, "processes": pids}
    try:
        write_state(machine.data, state)
    except OSError:
        return {}
    return pids


def _ready(machine: Machine) -> Iterator[str]:
    yield f"\nWhat runs, and what failed (Prefect): {machine.address}"
    if machine.catcher_port is not None:
        yield f"No mail server is set: mail stays here, in {machine.mail}"
    yield "Ready. Ctrl-C stops all of it."


def _say(line: str) -> None:
    with contextlib.suppress(OSError):  # the terminal has gone; that is no reason to leave processes behind
        print(line, flush=True)


def _end_of(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]) if log.exists() else ""
