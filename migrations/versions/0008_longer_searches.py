"""A batch says for how long a better plan is looked for, by whom, and how far that is."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("batch", schema=None) as batch_op:
        batch_op.add_column(sa.Column("search_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("search_percent", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("search_owner", sa.String(length=60), nullable=True))
        batch_op.add_column(sa.Column("search_leased_until", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("batch", schema=None) as batch_op:
        batch_op.alter_column("search_percent", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("batch", schema=None) as batch_op:
        for name in ("search_leased_until", "search_owner", "search_percent", "search_until"):
            batch_op.drop_column(name)
