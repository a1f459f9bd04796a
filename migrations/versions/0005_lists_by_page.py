"""Lists by page"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

PARTIAL = {
    ("obligation", "ix_obligation_owed", ("due_at", "id", "kind", "exact")): "outcome IS NULL",
    ("message", "ix_message_bounced", ("id",)): "bounced_at IS NOT NULL",
    ("history", "ix_history_people", ("id", "who")): "who <> 'clock'",
}


def upgrade() -> None:
    for (table, name, columns), which in PARTIAL.items():
        op.create_index(name, table, list(columns), sqlite_where=sa.text(which), postgresql_where=sa.text(which))
    op.create_index("ix_message_state", "message", ["state", "id"])
    op.create_index("ix_message_contact_id", "message", ["contact_id", "id"])


def downgrade() -> None:
    op.drop_index("ix_message_contact_id", "message")
    op.drop_index("ix_message_state", "message")
    for table, name, _ in PARTIAL:
        op.drop_index(name, table)
