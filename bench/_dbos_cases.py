"""The peer of `bench.cases`, run with a Python that has DBOS: `python _dbos_cases.py STORE-URL CASES`; prints seconds.

A workflow a case, a step for each of a breach's six, each writing the row that says it was done. DBOS keeps its own
record of workflow and steps in the same database, with its own settings: on SQLite a journal, not a WAL.
"""

import sys
import time

import sqlalchemy as sa
from dbos import DBOS

STEPS = ("contain", "record", "assess", "investigate", "review", "learn")


def main(url: str, cases: str) -> None:
    store = sa.create_engine(url)
    with store.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE step_done (number INTEGER, step TEXT, UNIQUE (number, step))")

    @DBOS.step()
    def take(number: int, step: str) -> None:
        with store.begin() as connection:
            connection.execute(
                sa.text("INSERT INTO step_done VALUES (:number, :step)"), {"number": number, "step": step}
            )

    @DBOS.workflow()
    def breach(number: int) -> None:
        for step in STEPS:
            take(number, step)

    DBOS(config={"name": "bench", "system_database_url": url, "log_level": "ERROR", "run_admin_server": False})
    DBOS.launch()
    breach(0)
    began = time.perf_counter()
    for number in range(1, int(cases) + 1):
        breach(number)
    print(time.perf_counter() - began)
    DBOS.destroy()


if __name__ == "__main__":
    main(*sys.argv[1:])
