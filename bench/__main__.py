"""`python -m bench [NAME…] [--repeats N] [--json]`: a table, and the same as JSON in bench/results/.

A bench is a module of this package with `run(repeats) -> rows`; a row is a dictionary with `bench`, `what` and
medians. One that cannot run here raises `bench.NotHere` with the reason, which is printed in its place.

DBOS and Procrastinate are no dependencies of ours. They run with the Python that BENCH_PEERS_PYTHON names, which has
our lock and them: `python3 -m venv DIR && DIR/bin/pip install -c requirements.lock -e . dbos procrastinate`. How many
breaches `cases` plays, CONCORDAT_BENCH_CASES says (200); with CONCORDAT_BENCH_BIG `sweep` fills in ten million.
"""

import argparse
import json
import os
import pkgutil
import platform
import sqlite3
import sys
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import bench
from bench import NotHere
from bench._peers_python import peers_versions
from bench._smtp_sink import postfix_version
from bench._stores import postgres_version

RESULTS = Path(__file__).parent / "results"
PACKAGES = ("sqlalchemy", "sqlmodel", "psycopg", "aiosmtplib", "jinja2", "prefect", "bm25s", "numpy")
FIRST = ("bench", "what", "seconds", "per_second")


def main() -> None:
    names = [module.name for module in pkgutil.iter_modules(bench.__path__) if not module.name.startswith("_")]
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure, beside the peers.")
    parser.add_argument("name", nargs="*", help=f"one of {', '.join(names)}; all when none is given")
    parser.add_argument("--repeats", type=int, default=5, help="runs, of which the median is shown (5)")
    parser.add_argument("--json", action="store_true", help="JSON instead of the table")
    chosen = parser.parse_args()
    if unknown := sorted(set(chosen.name) - set(names)):
        parser.error(f"there is no bench {', '.join(unknown)}")
    report = measured(chosen.name or names, chosen.repeats)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "latest.json").write_text(json.dumps(report, indent=2) + "\n")
    print(json.dumps(report, indent=2) if chosen.json else table(report))


def measured(names: list[str], repeats: int) -> dict[str, Any]:
    rows: list[dict[str, Any]] = []
    for name in names:
        print(f"{name} …", file=sys.stderr, flush=True)
        try:
            rows += import_module(f"bench.{name}").run(repeats)
        except NotHere as missing:
            rows.append({"bench": name, "what": f"not measured: {missing}"})
    return {"at": datetime.now(UTC).isoformat(timespec="seconds"), "repeats": repeats, **machine(), "rows": rows}


def machine() -> dict[str, Any]:
    programs = {"postgresql": postgres_version(), "postfix": postfix_version()}
    return {
        "machine": {
            "processor": _processor(),
            "cores": os.cpu_count(),
            "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
            "system": platform.platform(),
        },
        "versions": {
            "python": platform.python_version(),
            "sqlite": sqlite3.sqlite_version,
            **{name: version(name) for name in PACKAGES},
            **peers_versions(),
            **{name: said for name, said in programs.items() if said},
        },
    }


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def table(report: dict[str, Any]) -> str:
    rows = report["rows"]
    others = sorted({key for row in rows for key in row} - set(FIRST))
    columns = [key for key in (*FIRST, *others) if any(key in row for row in rows)]
    cells = [[key.replace("_", " ") for key in columns]] + [[_cell(row.get(key)) for key in columns] for row in rows]
    widths = [max(len(line[place]) for line in cells) for place in range(len(columns))]
    lines = ["  ".join(_padded(cell, width) for cell, width in zip(line, widths, strict=True)) for line in cells]
    lines.insert(1, "  ".join("-" * width for width in widths))
    said = [f"{name} {value}" for part in ("machine", "versions") for name, value in report[part].items()]
    return "\n".join([*lines, "", f"Medians of {report['repeats']} runs, {report['at']}.", ", ".join(said)])


def _padded(cell: str, width: int) -> str:
    return cell.rjust(width) if cell[:1].isdigit() else cell.ljust(width)


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case float() if abs(value) >= 100:
            return f"{value:,.0f}"
        case float():
            return f"{value:.3g}"
        case _:
            return str(value)


if __name__ == "__main__":
    main()
