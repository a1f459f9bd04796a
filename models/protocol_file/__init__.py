"""A protocol as data: the files of its folder, what may stand in them, and one way to read them.

The files under `protocols/bedfordshire/` show the form; `BadProtocolFile` names each mistake.
"""

from models.protocol_file.faults import BadProtocolFile, Fault
from models.protocol_file.known_dates import KnownDate, read_date
from models.protocol_file.operating import Operating
from models.protocol_file.policies import Policies
from models.protocol_file.reading import FileVersion, Lineage, ProtocolFile, read_protocol

__all__ = [
    "BadProtocolFile",
    "Fault",
    "FileVersion",
    "KnownDate",
    "Lineage",
    "Operating",
    "Policies",
    "ProtocolFile",
    "read_date",
    "read_protocol",
]
