"""The peer of `bench.cases`, run with a Python that has DBOS: `python _dbos_cases.py STORE-URL CASES WORK`.

A workflow a case. WORK is `rows`: a step for each of a breach's six, each writing the one row that says it was done.
DBOS commits its record of a step after the row, apart from it: one that dies in between takes the step again. `once`:
the same by its datasource, which writes in the row's own commit that the step was taken; the record apart is still
written. Or `acts`: what Concordat does with a breach from report to close, each act a step, in Concordat's own
transaction; it needs Concordat's packages in that Python.

DBOS keeps its record of workflow and steps in the same database, by connections with its own settings. On SQLite the
file is in WAL, where the store that it is given has put it, and SQLite's default `synchronous=FULL` holds; on
PostgreSQL its datasource is SERIALIZABLE. Prints the seconds.
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa
from dbos import DBOS, SQLAlchemyDatasource

TABLE = "CREATE TABLE step_done (number INTEGER, step TEXT, UNIQUE (number, step))"
TAKEN = sa.text("INSERT INTO step_done VALUES (:number, :step)")
STEPS = ("contain", "record", "assess", "investigate", "review", "learn")


def main(url: str, cases: str, work: str) -> None:
    breach = {"rows": _rows, "once": _once, "acts": _acts}[work](url)
    DBOS(config={"name": "bench", "system_database_url": url, "log_level": "ERROR", "run_admin_server": False})
    DBOS.launch()
    breach(0)
    began = time.perf_counter()
    for number in range(1, int(cases) + 1):
        breach(number)
    print(time.perf_counter() - began)
    DBOS.destroy()


def _rows(url: str) -> Callable[[int], None]:
    store = sa.create_engine(url)
    with store.begin() as connection:
        connection.exec_driver_sql(TABLE)

    @DBOS.step()
    def take(number: int, step: str) -> None:
        with store.begin() as connection:
            connection.execute(TAKEN, {"number": number, "step": step})

    return _six(take)


def _once(url: str) -> Callable[[int], None]:
    store = SQLAlchemyDatasource.create(url)
    with store.engine.begin() as connection:
        connection.exec_driver_sql(TABLE)

    @store.transaction(name="take")
    def take(number: int, step: str) -> None:
        store.sql_session().execute(TAKEN, {"number": number, "step": step})

    return _six(take)


def _six(take: Callable[[int, str], None]) -> Callable[[int], None]:
    @DBOS.workflow()
    def breach(number: int) -> None:
        for step in STEPS:
            take(number, step)

    return breach  # type: ignore[no-any-return]


def _acts(url: str) -> Callable[[int], None]:
    os.environ["CONCORDAT_DATABASE_URL"] = url
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from bench._case import ACTS, prepare, reported  # only here: the other work needs none of our packages
    from models.store import engine, transaction

    store = engine()
    with transaction(store) as session:
        prepare(session)

    @DBOS.step()
    def report() -> int:
        with transaction(store) as session:
            return reported(session)

    @DBOS.step()
    def act(which: int, number: int) -> None:
        with transaction(store) as session:
            ACTS[which](session, number)

    @DBOS.workflow()
    def breach(_number: int) -> None:
        number = report()
        for which in range(len(ACTS)):
            act(which, number)

    return breach  # type: ignore[no-any-return]


if __name__ == "__main__":
    main(*sys.argv[1:])
