"""A party's own breach procedure as a file: what may stand in it, and one way to read it.

The files under `protocols/bedfordshire/procedures/` show the form; `BadProcedureFile` names each mistake.
"""

from models.procedure_file.content import as_content, from_content, sha256_of
from models.procedure_file.reading import BadProcedureFile, read_procedure
from models.procedure_file.shapes import ProcedureFile

__all__ = [
    "BadProcedureFile",
    "ProcedureFile",
    "as_content",
    "from_content",
    "read_procedure",
    "sha256_of",
]
