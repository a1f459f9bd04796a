"""What many messages say is kept once"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sharedtext",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sharedtext")),
    )
    # Messages that are there hold all of their own words, and no row of them is touched. A key said with the column:
    # SQLite adds it so to a table that stays as it is.
    op.execute(
        "ALTER TABLE message ADD COLUMN shared_text_id INTEGER "
        "CONSTRAINT fk_message_shared_text_id REFERENCES sharedtext (id)"
    )


def downgrade() -> None:
    raise NotImplementedError("Messages would lose their words: restore the backup that the upgrade has kept.")
