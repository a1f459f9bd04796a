"""What suggestions add to a process that has read a protocol's file: prints seconds and megabytes."""

import json
import time
from pathlib import Path

import protocols
from bench._memory import NOW, megabytes
from models.protocol_file import read_protocol

FILE = read_protocol(Path(protocols.__file__).parent / "bedfordshire")
CASES = Path(__file__).parents[1] / "tests" / "complaints" / "cases.jsonl"


def main() -> None:
    began, before = time.perf_counter(), megabytes(NOW)
    from actions.complaints.clause_index import Index
    from actions.complaints.suggested import Earlier
    from actions.complaints.suggesting import suggest
    from actions.complaints.suggesting_from_file import clauses_in, outside_in

    known = [json.loads(line) for line in CASES.read_text("utf-8").splitlines()]
    cases = [Earlier(each["id"], each["narrative"], tuple(each["also"]), each["label"]) for each in known]
    suggest(Index(clauses_in(FILE), outside_in(FILE), cases), cases[0].narrative)
    print(time.perf_counter() - began, megabytes(NOW) - before)


if __name__ == "__main__":
    main()
