"""A party's own breach procedure, as it was written: versions are kept whole and never changed."""

from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from models.columns import Instant, stored_as_value
from rules.procedures import Standing


class ProcedureVersion(SQLModel, table=True):
    """`content` is the checked file; the model `models.procedure_file.ProcedureFile` reads it back."""

    __table_args__ = (sa.UniqueConstraint("protocol_id", "key", "number"),)
    KEPT: ClassVar = True  # by a session that has read it: nothing of it changes

    id: int | None = Field(default=None, primary_key=True)
    protocol_id: int = Field(foreign_key="protocol.id")
    key: str = Field(max_length=50)  # the procedure's id in its file
    number: int
    title: str = Field(max_length=200)
    standing: Standing = Field(sa_type=stored_as_value(Standing, "procedure_standing"))
    kinds: list[str] = Field(default_factory=list, sa_type=sa.JSON)  # of party, for which a model stands in
    content: dict[str, Any] = Field(sa_type=sa.JSON)
    sha256: str = Field(max_length=64)
    recorded_at: datetime = Field(sa_type=Instant)
    recorded_by: str = Field(max_length=120)


class PartyProcedure(SQLModel, table=True):
    """Which procedure a party follows; one procedure may serve several parties. The newest row stands."""

    id: int | None = Field(default=None, primary_key=True)
    party_id: int = Field(foreign_key="party.id", index=True)
    key: str = Field(max_length=50)
    since: datetime = Field(sa_type=Instant)
    chosen_by: str = Field(max_length=120)
