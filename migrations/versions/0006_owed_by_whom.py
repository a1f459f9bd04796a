"""What somebody owes is found without touching the rest"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

OWED = "outcome IS NULL"


def upgrade() -> None:
    op.create_index(
        "ix_obligation_contact", "obligation", ["contact_id"], sqlite_where=sa.text(OWED), postgresql_where=sa.text(OWED)
    )


def downgrade() -> None:
    op.drop_index("ix_obligation_contact", "obligation")
