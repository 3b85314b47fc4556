"""protocols and boosters"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("protocol", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sources", sa.JSON(), server_default=sa.text("'{}'"), nullable=False))
        batch_op.add_column(sa.Column("created_by", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("retired_by", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_protocol_created_by_account"), "account", ["created_by"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_protocol_retired_by_account"), "account", ["retired_by"], ["id"])
    with op.batch_alter_table("appointment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("awaits_response", sa.Boolean(), server_default=sa.false(), nullable=False))
    _make_response_check()
    _make_booster_advice()
    _make_recall_touch()


def _make_response_check() -> None:
    op.create_table(
        "response_check",
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Uuid(), nullable=False),
        sa.Column("after_infusion", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("clinician_impression", sa.String(length=40), nullable=False),
        sa.Column("patient_impression", sa.String(length=40), nullable=True),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("basis_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("request_key", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_response_check_by_id_account")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_response_check_patient_id_patient")),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_response_check_series_id_series")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response_check")),
        sa.UniqueConstraint("request_key", name=op.f("uq_response_check_request_key")),
    )
    with op.batch_alter_table("response_check", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_response_check_patient_id"), ["patient_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_response_check_series_id"), ["series_id"], unique=False)


def _make_booster_advice() -> None:
    op.create_table(
        "booster_advice",
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("advice", sa.String(length=40), nullable=False),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("request_key", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_booster_advice_by_id_account")),
        sa.ForeignKeyConstraint(["ended_by"], ["account.id"], name=op.f("fk_booster_advice_ended_by_account")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["treatment_order.id"], name=op.f("fk_booster_advice_order_id_treatment_order")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_booster_advice_patient_id_patient")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booster_advice")),
        sa.UniqueConstraint("request_key", name=op.f("uq_booster_advice_request_key")),
    )
    with op.batch_alter_table("booster_advice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_booster_advice_patient_id"), ["patient_id"], unique=False)
        batch_op.create_index(
            "uq_booster_advice_standing",
            ["order_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )


def _make_recall_touch() -> None:
    op.create_table(
        "recall_touch",
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("call_again_on", sa.Date(), nullable=True),
        sa.Column("request_key", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_recall_touch_by_id_account")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["treatment_order.id"], name=op.f("fk_recall_touch_order_id_treatment_order")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_recall_touch_patient_id_patient")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall_touch")),
        sa.UniqueConstraint("request_key", name=op.f("uq_recall_touch_request_key")),
    )
    with op.batch_alter_table("recall_touch", schema=None) as batch_op:
        batch_op.create_index("ix_recall_touch_order", ["order_id", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_recall_touch_patient_id"), ["patient_id"], unique=False)


def downgrade() -> None:
    op.drop_table("recall_touch")
    op.drop_table("booster_advice")
    op.drop_table("response_check")
    with op.batch_alter_table("appointment", schema=None) as batch_op:
        batch_op.drop_column("awaits_response")
    with op.batch_alter_table("protocol", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_protocol_retired_by_account"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_protocol_created_by_account"), type_="foreignkey")
        batch_op.drop_column("retired_by")
        batch_op.drop_column("created_by")
        batch_op.drop_column("sources")
