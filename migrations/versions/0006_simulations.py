"""Simulated years that a manager asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "simulation_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("protocol_id", sa.Uuid(), nullable=False),
        sa.Column("question", sa.String(length=20), nullable=False),
        sa.Column("orders_per_week", sa.Numeric(precision=6, scale=2, asdecimal=False), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("request_key", sa.Uuid(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner", sa.String(length=60), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("figures", sa.JSON(), nullable=True),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.CheckConstraint("0 <= percent AND percent <= 100", name=op.f("ck_simulation_run_percent")),
        sa.ForeignKeyConstraint(["made_by"], ["account.id"], name=op.f("fk_simulation_run_made_by_account")),
        sa.ForeignKeyConstraint(["protocol_id"], ["protocol.id"], name=op.f("fk_simulation_run_protocol_id_protocol")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_simulation_run_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_simulation_run")),
        sa.UniqueConstraint("request_key", name=op.f("uq_simulation_run_request_key")),
    )
    op.create_index(op.f("ix_simulation_run_site_id"), "simulation_run", ["site_id"])
    op.create_index("ix_simulation_run_due", "simulation_run", ["finished_at", "made_at"])


def downgrade() -> None:
    op.drop_index("ix_simulation_run_due", table_name="simulation_run")
    op.drop_index(op.f("ix_simulation_run_site_id"), table_name="simulation_run")
    op.drop_table("simulation_run")
