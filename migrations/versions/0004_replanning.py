"""replanning"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("treatment_order", schema=None) as batch_op:
        batch_op.add_column(sa.Column("exceptions", sa.JSON(), nullable=True))
    with op.batch_alter_table("series_event", schema=None) as batch_op:
        batch_op.add_column(sa.Column("detail", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("request_key", sa.Uuid(), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_series_event_request_key"), ["request_key"])
    op.create_table(
        "sign_off",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("limits", sa.JSON(), nullable=False),
        sa.Column("words", sa.String(length=400), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_approved", sa.Boolean(), nullable=True),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name=op.f("fk_sign_off_asked_by_account")),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_sign_off_decided_by_account")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["treatment_order.id"], name=op.f("fk_sign_off_order_id_treatment_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_off")),
    )
    with op.batch_alter_table("sign_off", schema=None) as batch_op:
        batch_op.create_index(
            "uq_sign_off_open",
            ["order_id"],
            unique=True,
            sqlite_where=sa.text("decided_at IS NULL"),
            postgresql_where=sa.text("decided_at IS NULL"),
        )
    op.create_table(
        "batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("request_key", sa.Uuid(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["account.id"], name=op.f("fk_batch_made_by_account")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_batch_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
        sa.UniqueConstraint("request_key", name=op.f("uq_batch_request_key")),
    )
    with op.batch_alter_table("batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_batch_site_id"), ["site_id"], unique=False)
    op.create_table(
        "batch_case",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Uuid(), nullable=True),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("appointment_ids", sa.JSON(), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("token", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("words", sa.String(length=400), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_by", sa.Uuid(), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_batch_case_batch_id_batch")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["treatment_order.id"], name=op.f("fk_batch_case_order_id_treatment_order")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_batch_case_patient_id_patient")),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_batch_case_series_id_series")),
        sa.ForeignKeyConstraint(["told_by"], ["account.id"], name=op.f("fk_batch_case_told_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_case")),
    )
    with op.batch_alter_table("batch_case", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_batch_case_batch_id"), ["batch_id"], unique=False)


def downgrade() -> None:
    op.drop_table("batch_case")
    op.drop_table("batch")
    op.drop_table("sign_off")
    with op.batch_alter_table("series_event", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_series_event_request_key"), type_="unique")
        batch_op.drop_column("request_key")
        batch_op.drop_column("detail")
    with op.batch_alter_table("treatment_order", schema=None) as batch_op:
        batch_op.drop_column("exceptions")
