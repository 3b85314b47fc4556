"""What a provider has, found without reading everybody's appointments."""

from alembic import op

revision = "0005"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_appointment_provider", "appointment", ["provider_id", "starts_at"])


def downgrade() -> None:
    op.drop_index("ix_appointment_provider", table_name="appointment")
