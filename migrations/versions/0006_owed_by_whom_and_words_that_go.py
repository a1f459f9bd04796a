"""What somebody owes is found without touching the rest, and the words of a case may go"""

import sqlalchemy as sa
from alembic import op

from migrations.append_only import forbid_changes_but_emptying

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

OWED = sa.text("outcome IS NULL")
SHARED = sa.text("shared_text_id IS NOT NULL")
# Of a notice: all but its content.
KEPT = (
    "id", "follow_up_id", "addressee", "number", "kind", "missing", "text_id", "regulator_reference", "given_at",
    "recorded_at", "recorded_by",
)  # fmt: skip


def upgrade() -> None:
    op.create_index("ix_obligation_contact", "obligation", ["contact_id"], sqlite_where=OWED, postgresql_where=OWED)
    op.create_index(
        "ix_message_shared_text_id", "message", ["shared_text_id"], sqlite_where=SHARED, postgresql_where=SHARED
    )
    forbid_changes_but_emptying("regulatornotice", "content", KEPT)


def downgrade() -> None:
    raise NotImplementedError("Words that went do not come back: restore the backup that the upgrade has kept.")
