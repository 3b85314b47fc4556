"""The infusions of a series, found without reading everybody's appointments."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_appointment_series_id", "appointment", ["series_id"])


def downgrade() -> None:
    op.drop_index("ix_appointment_series_id", table_name="appointment")
