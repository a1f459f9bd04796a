"""A protocol's files as they come from a browser: each under the name that the format gives it, never its own."""

import base64
import json
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from models.procedure_file import read_procedure
from models.protocol_file import Fault, ProtocolFile, read_protocol
from models.protocol_file.reading import FILES
from rules.errors import Refused
from rules.procedures import Procedure

NAMES = tuple(FILES)
PROCEDURE = "procedure.yaml"
ALLOWED = (*NAMES, PROCEDURE)
LARGEST = 4 * 1024 * 1024  # bytes of all files together, unpacked


class NotOurPack(Refused):
    def __init__(self) -> None:
        super().__init__("The files that this page carried cannot be read any more: choose them again.")


def packed(texts: Mapping[str, str]) -> str:
    """What travels in the form between two presses, exactly as it was uploaded: nothing is kept here."""
    return base64.b64encode(zlib.compress(json.dumps(dict(texts), sort_keys=True).encode())).decode()


def unpacked(said: str | None) -> dict[str, str]:
    """Raises NotOurPack."""
    if not said:
        return {}
    try:
        pack = zlib.decompressobj()
        content = pack.decompress(base64.b64decode(said, validate=True), LARGEST)
        found = json.loads(content)
    except (ValueError, zlib.error):
        raise NotOurPack from None
    if not isinstance(found, dict) or not all(name in ALLOWED and isinstance(found[name], str) for name in found):
        raise NotOurPack
    return found


@lru_cache(maxsize=4)
def _protocol(said: str) -> ProtocolFile:
    with _folder(json.loads(said), NAMES) as folder:
        return read_protocol(folder)


def read_texts(texts: Mapping[str, str]) -> ProtocolFile:
    """Raises BadProtocolFile with all faults of all files."""
    return _protocol(json.dumps(dict(texts), sort_keys=True))


def read_text_of_procedure(text: str, parties: frozenset[str] | None = None) -> Procedure:
    """Raises BadProcedureFile."""
    with _folder({PROCEDURE: text}, (PROCEDURE,)) as folder:
        return read_procedure(folder / PROCEDURE, parties)


@contextmanager
def _folder(texts: Mapping[str, str], names: tuple[str, ...]) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="concordat-") as place:
        folder = Path(place)
        for name in names:
            if name in texts:
                (folder / name).write_bytes(texts[name].encode())
        yield folder


def file_of(fault: Fault) -> str:
    """Without the folder it was read in."""
    return Path(fault.file).name
