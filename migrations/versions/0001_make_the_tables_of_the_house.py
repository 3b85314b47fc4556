"""make the tables of the house"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("totp_secret_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("totp_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("totp_last_step", sa.Integer(), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("email", name=op.f("uq_account_email")),
    )
    op.create_table(
        "protocol",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_protocol")),
        sa.UniqueConstraint("name", "version", name=op.f("uq_protocol_name_version")),
    )
    op.create_table(
        "session_kind",
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("turnover_minutes", sa.Integer(), nullable=False),
        sa.Column("needs_chair", sa.Boolean(), nullable=False),
        sa.Column("needs_provider", sa.Boolean(), nullable=False),
        sa.Column("watch_profile", sa.JSON(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_kind")),
        sa.UniqueConstraint("code", name=op.f("uq_session_kind_code")),
    )
    op.create_table(
        "site",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("timezone", sa.String(length=40), nullable=False),
        sa.Column("slot_minutes", sa.Integer(), nullable=False),
        sa.Column("starts_per_slot", sa.Integer(), nullable=False),
        sa.Column("phone", sa.String(length=30), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("slot_minutes IN (15, 30, 45, 60)", name=op.f("ck_site_slot_minutes")),
        sa.CheckConstraint("starts_per_slot > 0", name=op.f("ck_site_starts_per_slot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint("name", name=op.f("uq_site_name")),
    )
    op.create_table(
        "throttle_counter",
        sa.Column("scope", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.LargeBinary(length=32), nullable=False),
        sa.Column("window_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "subject", "window_at", name=op.f("pk_throttle_counter")),
    )
    op.create_table(
        "worker_beat",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker_beat")),
    )
    op.create_table(
        "account_role",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_account_role_account_id_account")),
        sa.PrimaryKeyConstraint("account_id", "role", name=op.f("pk_account_role")),
    )
    op.create_table(
        "auth_session",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("browser", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("second_factor_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stepped_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_auth_session_account_id_account")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_auth_session_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auth_session")),
        sa.UniqueConstraint("digest", name=op.f("uq_auth_session_digest")),
    )
    with op.batch_alter_table("auth_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_auth_session_account_id"), ["account_id"], unique=False)

    op.create_table(
        "chair",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("features", sa.JSON(), nullable=False),
        sa.Column("retired_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_chair_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chair")),
        sa.UniqueConstraint("site_id", "name", name=op.f("uq_chair_site_id_name")),
        sa.UniqueConstraint("site_id", "number", name=op.f("uq_chair_site_id_number")),
    )
    op.create_table(
        "closure",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=80), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("0 <= starts AND starts < ends AND ends <= 1440", name=op.f("ck_closure_order")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_closure_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closure")),
        sa.UniqueConstraint("site_id", "on_date", "starts", name=op.f("uq_closure_site_id_on_date_starts")),
    )
    op.create_table(
        "opening",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Integer(), nullable=False),
        sa.Column("closes", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("0 <= opens AND opens < closes AND closes <= 1440", name=op.f("ck_opening_order")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_opening_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening")),
    )
    with op.batch_alter_table("opening", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_opening_site_id"), ["site_id"], unique=False)

    op.create_table(
        "passkey",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_passkey_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
    )
    with op.batch_alter_table("passkey", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_passkey_account_id"), ["account_id"], unique=False)

    op.create_table(
        "patient",
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("home_site_id", sa.Uuid(), nullable=False),
        sa.Column("given_name", sa.String(length=80), nullable=False),
        sa.Column("family_name", sa.String(length=80), nullable=False),
        sa.Column("preferred_name", sa.String(length=80), nullable=True),
        sa.Column("born_on", sa.Date(), nullable=False),
        sa.Column("sex", sa.String(length=20), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_index", sa.LargeBinary(length=16), nullable=True),
        sa.Column("phone_last4_index", sa.LargeBinary(length=16), nullable=True),
        sa.Column("may_leave_message", sa.Boolean(), nullable=False),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("contact_person_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("place_in_calendar", sa.Boolean(), nullable=False),
        sa.Column("preparation_in_messages", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_patient_account_id_account")),
        sa.ForeignKeyConstraint(["home_site_id"], ["site.id"], name=op.f("fk_patient_home_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient")),
        sa.UniqueConstraint("account_id", name=op.f("uq_patient_account_id")),
    )
    with op.batch_alter_table("patient", schema=None) as batch_op:
        batch_op.create_index("ix_patient_born_on", ["born_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_patient_email"), ["email"], unique=False)
        batch_op.create_index("ix_patient_family_name", ["family_name", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_patient_phone_index"), ["phone_index"], unique=False)
        batch_op.create_index(batch_op.f("ix_patient_phone_last4_index"), ["phone_last4_index"], unique=False)

    op.create_table(
        "policy",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["set_by"], ["account.id"], name=op.f("fk_policy_set_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy")),
        sa.UniqueConstraint("name", name=op.f("uq_policy_name")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recovery_code_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
    )
    with op.batch_alter_table("recovery_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recovery_code_account_id"), ["account_id"], unique=False)

    op.create_table(
        "rule_signature",
        sa.Column("rule_set", sa.String(length=40), nullable=False),
        sa.Column("row_key", sa.String(length=160), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("signed_by", sa.Uuid(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["signed_by"], ["account.id"], name=op.f("fk_rule_signature_signed_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_signature")),
        sa.UniqueConstraint("rule_set", "row_key", "version", name=op.f("uq_rule_signature_rule_set_row_key_version")),
    )
    op.create_table(
        "shift",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("0 <= starts AND starts < ends AND ends <= 1440", name=op.f("ck_shift_order")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_shift_account_id_account")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_shift_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift")),
    )
    with op.batch_alter_table("shift", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shift_site_id"), ["site_id"], unique=False)

    op.create_table(
        "start_rule",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("0 <= starts AND starts < ends AND ends <= 1440", name=op.f("ck_start_rule_order")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_start_rule_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_start_rule")),
    )
    with op.batch_alter_table("start_rule", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_start_rule_site_id"), ["site_id"], unique=False)

    op.create_table(
        "audit_row",
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["account.id"], name=op.f("fk_audit_row_actor_id_account")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_audit_row_patient_id_patient")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_audit_row_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_row")),
    )
    with op.batch_alter_table("audit_row", schema=None) as batch_op:
        batch_op.create_index("ix_audit_row_patient", ["patient_id", "at"], unique=False)
        batch_op.create_index("ix_audit_row_view", ["actor_id", "action", "subject_id", "at"], unique=False)

    op.create_table(
        "break_glass",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewed_by", sa.Uuid(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_break_glass_account_id_account")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_break_glass_patient_id_patient")),
        sa.ForeignKeyConstraint(["reviewed_by"], ["account.id"], name=op.f("fk_break_glass_reviewed_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_break_glass")),
    )
    with op.batch_alter_table("break_glass", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_break_glass_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_break_glass_patient_id"), ["patient_id"], unique=False)

    op.create_table(
        "consultation",
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=30), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_by", sa.Uuid(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["claimed_by"], ["account.id"], name=op.f("fk_consultation_claimed_by_account")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_consultation_patient_id_patient")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_consultation_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation")),
    )
    with op.batch_alter_table("consultation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consultation_patient_id"), ["patient_id"], unique=False)
        batch_op.create_index("ix_consultation_status", ["status", "submitted_at", "id"], unique=False)
        batch_op.create_index(
            "uq_consultation_open",
            ["patient_id"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.create_table(
        "consultation_request",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("given_name", sa.String(length=80), nullable=False),
        sa.Column("family_name", sa.String(length=80), nullable=False),
        sa.Column("born_on", sa.Date(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.String(length=30), nullable=False),
        sa.Column("reach_by", sa.String(length=20), nullable=False),
        sa.Column("reach_when", sa.String(length=20), nullable=False),
        sa.Column("request_key", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(email) > 2", name=op.f("ck_consultation_request_email")),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_consultation_request_patient_id_patient")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_consultation_request_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation_request")),
        sa.UniqueConstraint("request_key", name=op.f("uq_consultation_request_request_key")),
    )
    with op.batch_alter_table("consultation_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consultation_request_email"), ["email"], unique=False)

    op.create_table(
        "contact",
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("safety_checked", sa.Boolean(), nullable=False),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_contact_by_id_account")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_contact_patient_id_patient")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_patient_id"), ["patient_id"], unique=False)

    op.create_table(
        "document",
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["added_by"], ["account.id"], name=op.f("fk_document_added_by_account")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_document_patient_id_patient")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
    )
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_document_patient_id"), ["patient_id"], unique=False)

    op.create_table(
        "finding_clearance",
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("finding", sa.String(length=200), nullable=False),
        sa.Column("rules_version", sa.String(length=40), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_finding_clearance_by_id_account")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_finding_clearance_patient_id_patient")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding_clearance")),
    )
    with op.batch_alter_table("finding_clearance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_finding_clearance_patient_id"), ["patient_id"], unique=False)

    op.create_table(
        "patient_name_key",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_patient_name_key_patient_id_patient")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_name_key")),
        sa.UniqueConstraint("patient_id", "kind", "key", name=op.f("uq_patient_name_key_patient_id_kind_key")),
    )
    with op.batch_alter_table("patient_name_key", schema=None) as batch_op:
        batch_op.create_index("ix_patient_name_key_key", ["key", "patient_id"], unique=False)

    op.create_table(
        "slot_hold",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("held_by", sa.Uuid(), nullable=False),
        sa.Column("sessions", sa.JSON(), nullable=False),
        sa.Column("claim_count", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["held_by"], ["account.id"], name=op.f("fk_slot_hold_held_by_account")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_slot_hold_patient_id_patient")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_slot_hold_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot_hold")),
    )
    with op.batch_alter_table("slot_hold", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_slot_hold_site_id"), ["site_id"], unique=False)

    op.create_table(
        "alert",
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("consultation_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("rule_version", sa.String(length=20), nullable=False),
        sa.Column("detail_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("help_shown_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_by", sa.Uuid(), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["acknowledged_by"], ["account.id"], name=op.f("fk_alert_acknowledged_by_account")),
        sa.ForeignKeyConstraint(["closed_by"], ["account.id"], name=op.f("fk_alert_closed_by_account")),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_alert_consultation_id_consultation")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_alert_patient_id_patient")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
    )
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.create_index("ix_alert_open", ["closed_at", "action", "raised_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_alert_patient_id"), ["patient_id"], unique=False)

    op.create_table(
        "audit_link",
        sa.Column("chain_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.Column("chain", sa.LargeBinary(length=32), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["row_id"], ["audit_row.id"], name=op.f("fk_audit_link_row_id_audit_row")),
        sa.PrimaryKeyConstraint("chain_id", "seq", name=op.f("pk_audit_link")),
        sa.UniqueConstraint("row_id", name=op.f("uq_audit_link_row_id")),
    )
    op.create_table(
        "consultation_event",
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("from_status", sa.String(length=40), nullable=True),
        sa.Column("to_status", sa.String(length=40), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["account.id"], name=op.f("fk_consultation_event_actor_id_account")),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_consultation_event_consultation_id_consultation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation_event")),
    )
    with op.batch_alter_table("consultation_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consultation_event_consultation_id"), ["consultation_id"], unique=False)

    op.create_table(
        "decision",
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("conditions_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("statement_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_decision_consultation_id_consultation")
        ),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_decision_contact_id_contact")),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_decision_decided_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.create_index(
            "uq_decision_standing",
            ["consultation_id"],
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )

    op.create_table(
        "draft",
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("page", sa.String(length=40), nullable=False),
        sa.Column("item", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_draft_consultation_id_consultation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sa.UniqueConstraint("consultation_id", "page", "item", name=op.f("uq_draft_consultation_id_page_item")),
    )
    op.create_table(
        "evaluation",
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("held_as", sa.String(length=12), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("diagnosis", sa.String(length=20), nullable=False),
        sa.Column("asa_class", sa.Integer(), nullable=False),
        sa.Column("airway_class", sa.Integer(), nullable=False),
        sa.Column("weight_kg", sa.Numeric(precision=6, scale=2, asdecimal=False), nullable=False),
        sa.Column("height_cm", sa.Numeric(precision=6, scale=2, asdecimal=False), nullable=True),
        sa.Column("systolic", sa.Integer(), nullable=False),
        sa.Column("diastolic", sa.Integer(), nullable=False),
        sa.Column("heart_rate", sa.Integer(), nullable=False),
        sa.Column("spo2", sa.Integer(), nullable=False),
        sa.Column("pdmp_checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("suicide_risk", sa.String(length=20), nullable=False),
        sa.Column("plan_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("request_key", sa.Uuid(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("systolic > diastolic", name=op.f("ck_evaluation_pressure")),
        sa.CheckConstraint("weight_kg > 20 AND weight_kg < 400", name=op.f("ck_evaluation_weight_kg")),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_evaluation_consultation_id_consultation")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_evaluation_patient_id_patient")),
        sa.ForeignKeyConstraint(["provider_id"], ["account.id"], name=op.f("fk_evaluation_provider_id_account")),
        sa.ForeignKeyConstraint(["replaces_id"], ["evaluation.id"], name=op.f("fk_evaluation_replaces_id_evaluation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_evaluation_replaces_id")),
        sa.UniqueConstraint("request_key", name=op.f("uq_evaluation_request_key")),
    )
    with op.batch_alter_table("evaluation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_evaluation_consultation_id"), ["consultation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_evaluation_patient_id"), ["patient_id"], unique=False)

    op.create_table(
        "returned_item",
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("page", sa.String(length=40), nullable=False),
        sa.Column("item", sa.String(length=36), nullable=False),
        sa.Column("question_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name=op.f("fk_returned_item_asked_by_account")),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_returned_item_consultation_id_consultation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_returned_item")),
    )
    with op.batch_alter_table("returned_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_returned_item_consultation_id"), ["consultation_id"], unique=False)

    op.create_table(
        "snapshot",
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("form_version", sa.String(length=20), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("signature_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("request_key", sa.Uuid(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_snapshot_consultation_id_consultation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snapshot")),
        sa.UniqueConstraint("consultation_id", "number", name=op.f("uq_snapshot_consultation_id_number")),
        sa.UniqueConstraint("request_key", name=op.f("uq_snapshot_request_key")),
    )
    op.create_table(
        "ticket",
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("link_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("code_digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("browser_digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("roles", sa.String(length=120), nullable=True),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["consultation_request.id"], name=op.f("fk_ticket_request_id_consultation_request")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
        sa.UniqueConstraint("link_digest", name=op.f("uq_ticket_link_digest")),
    )
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ticket_email"), ["email"], unique=False)

    op.create_table(
        "current_medicine",
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("snapshot_id", sa.Uuid(), nullable=True),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("matched", sa.String(length=200), nullable=True),
        sa.Column("dose_text", sa.String(length=60), nullable=False),
        sa.Column("mg_per_day", sa.Numeric(precision=10, scale=4, asdecimal=False), nullable=True),
        sa.Column("frequency", sa.String(length=30), nullable=False),
        sa.Column("as_needed", sa.Boolean(), nullable=False),
        sa.Column("last_taken", sa.String(length=20), nullable=True),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("mg_per_day > 0", name=op.f("ck_current_medicine_mg_per_day")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_current_medicine_patient_id_patient")),
        sa.ForeignKeyConstraint(["recorded_by"], ["account.id"], name=op.f("fk_current_medicine_recorded_by_account")),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["current_medicine.id"], name=op.f("fk_current_medicine_replaces_id_current_medicine")
        ),
        sa.ForeignKeyConstraint(
            ["snapshot_id"], ["snapshot.id"], name=op.f("fk_current_medicine_snapshot_id_snapshot")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_current_medicine")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_current_medicine_replaces_id")),
    )
    with op.batch_alter_table("current_medicine", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_current_medicine_patient_id"), ["patient_id"], unique=False)

    op.create_table(
        "medication_trial",
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("snapshot_id", sa.Uuid(), nullable=True),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("treatment", sa.String(length=120), nullable=False),
        sa.Column("molecule", sa.String(length=120), nullable=True),
        sa.Column("episode", sa.String(length=10), nullable=False),
        sa.Column("added_to_id", sa.Uuid(), nullable=True),
        sa.Column("adherence", sa.String(length=10), nullable=False),
        sa.Column("improvement", sa.String(length=20), nullable=False),
        sa.Column("wore_off", sa.Boolean(), nullable=False),
        sa.Column("stop_reason", sa.String(length=20), nullable=False),
        sa.Column("sessions", sa.Integer(), nullable=True),
        sa.Column("side_effects", sa.JSON(), nullable=False),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["added_to_id"], ["medication_trial.id"], name=op.f("fk_medication_trial_added_to_id_medication_trial")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_medication_trial_patient_id_patient")),
        sa.ForeignKeyConstraint(["recorded_by"], ["account.id"], name=op.f("fk_medication_trial_recorded_by_account")),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["medication_trial.id"], name=op.f("fk_medication_trial_replaces_id_medication_trial")
        ),
        sa.ForeignKeyConstraint(
            ["snapshot_id"], ["snapshot.id"], name=op.f("fk_medication_trial_snapshot_id_snapshot")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_medication_trial")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_medication_trial_replaces_id")),
    )
    with op.batch_alter_table("medication_trial", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_medication_trial_patient_id"), ["patient_id"], unique=False)

    op.create_table(
        "screening_answer",
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("snapshot_id", sa.Uuid(), nullable=False),
        sa.Column("question", sa.String(length=20), nullable=False),
        sa.Column("rule_version", sa.String(length=20), nullable=False),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_screening_answer_patient_id_patient")),
        sa.ForeignKeyConstraint(
            ["snapshot_id"], ["snapshot.id"], name=op.f("fk_screening_answer_snapshot_id_snapshot")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening_answer")),
        sa.UniqueConstraint("snapshot_id", "question", name=op.f("uq_screening_answer_snapshot_id_question")),
    )
    with op.batch_alter_table("screening_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_screening_answer_patient_id"), ["patient_id"], unique=False)

    op.create_table(
        "treatment_order",
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column("protocol_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("infusions", sa.Integer(), nullable=False),
        sa.Column("dose_mg_per_kg", sa.Numeric(precision=5, scale=3, asdecimal=False), nullable=False),
        sa.Column("weight_kg", sa.Numeric(precision=6, scale=2, asdecimal=False), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("booster_regime", sa.JSON(), nullable=False),
        sa.Column("frozen_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("request_key", sa.Uuid(), nullable=False),
        sa.Column("signed_by", sa.Uuid(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "dose_mg_per_kg > 0 AND dose_mg_per_kg <= 3", name=op.f("ck_treatment_order_dose_mg_per_kg")
        ),
        sa.CheckConstraint("infusions > 0", name=op.f("ck_treatment_order_infusions")),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_treatment_order_consultation_id_consultation")
        ),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluation.id"], name=op.f("fk_treatment_order_evaluation_id_evaluation")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_treatment_order_patient_id_patient")),
        sa.ForeignKeyConstraint(["protocol_id"], ["protocol.id"], name=op.f("fk_treatment_order_protocol_id_protocol")),
        sa.ForeignKeyConstraint(["signed_by"], ["account.id"], name=op.f("fk_treatment_order_signed_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_treatment_order")),
        sa.UniqueConstraint("request_key", name=op.f("uq_treatment_order_request_key")),
    )
    with op.batch_alter_table("treatment_order", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_treatment_order_patient_id"), ["patient_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_treatment_order_status"), ["status"], unique=False)

    op.create_table(
        "order_condition",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("met_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("met_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["met_by"], ["account.id"], name=op.f("fk_order_condition_met_by_account")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["treatment_order.id"], name=op.f("fk_order_condition_order_id_treatment_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_condition")),
    )
    with op.batch_alter_table("order_condition", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_order_condition_order_id"), ["order_id"], unique=False)

    op.create_table(
        "order_event",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_order_event_by_id_account")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["treatment_order.id"], name=op.f("fk_order_event_order_id_treatment_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_event")),
    )
    with op.batch_alter_table("order_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_order_event_order_id"), ["order_id"], unique=False)

    op.create_table(
        "series",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("wishes", sa.JSON(), nullable=False),
        sa.Column("cost", sa.Integer(), nullable=False),
        sa.Column("breakdown", sa.JSON(), nullable=False),
        sa.Column("request_key", sa.Uuid(), nullable=False),
        sa.Column("booked_by", sa.Uuid(), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["booked_by"], ["account.id"], name=op.f("fk_series_booked_by_account")),
        sa.ForeignKeyConstraint(["order_id"], ["treatment_order.id"], name=op.f("fk_series_order_id_treatment_order")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_series_patient_id_patient")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_series_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
        sa.UniqueConstraint("request_key", name=op.f("uq_series_request_key")),
    )
    with op.batch_alter_table("series", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_series_patient_id"), ["patient_id"], unique=False)
        batch_op.create_index(
            "uq_series_order",
            ["order_id"],
            unique=True,
            sqlite_where=sa.text("status <> 'stopped'"),
            postgresql_where=sa.text("status <> 'stopped'"),
        )

    op.create_table(
        "trial_dose",
        sa.Column("trial_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("mg_per_day", sa.Numeric(precision=10, scale=4, asdecimal=False), nullable=True),
        sa.Column("from_text", sa.String(length=20), nullable=True),
        sa.Column("to_text", sa.String(length=20), nullable=True),
        sa.Column("weeks", sa.Numeric(precision=8, scale=2, asdecimal=False), nullable=True),
        sa.Column("about_weeks", sa.Numeric(precision=8, scale=2, asdecimal=False), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("mg_per_day > 0", name=op.f("ck_trial_dose_mg_per_day")),
        sa.ForeignKeyConstraint(
            ["trial_id"], ["medication_trial.id"], name=op.f("fk_trial_dose_trial_id_medication_trial")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trial_dose")),
        sa.UniqueConstraint("trial_id", "position", name=op.f("uq_trial_dose_trial_id_position")),
    )
    op.create_table(
        "verdict_override",
        sa.Column("trial_id", sa.Uuid(), nullable=False),
        sa.Column("verdict", sa.String(length=24), nullable=False),
        sa.Column("computed", sa.String(length=24), nullable=False),
        sa.Column("rules_version", sa.String(length=40), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_verdict_override_by_id_account")),
        sa.ForeignKeyConstraint(
            ["trial_id"], ["medication_trial.id"], name=op.f("fk_verdict_override_trial_id_medication_trial")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verdict_override")),
    )
    with op.batch_alter_table("verdict_override", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_verdict_override_trial_id"), ["trial_id"], unique=False)

    op.create_table(
        "appointment",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("series_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("chair_id", sa.Uuid(), nullable=True),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("turnover_minutes", sa.Integer(), nullable=False),
        sa.Column("watch_profile", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("tentative", sa.Boolean(), nullable=False),
        sa.Column("overbooked_reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("request_key", sa.Uuid(), nullable=True),
        sa.Column("booked_by", sa.Uuid(), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_appointment_order")),
        sa.ForeignKeyConstraint(["booked_by"], ["account.id"], name=op.f("fk_appointment_booked_by_account")),
        sa.ForeignKeyConstraint(["chair_id"], ["chair.id"], name=op.f("fk_appointment_chair_id_chair")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["treatment_order.id"], name=op.f("fk_appointment_order_id_treatment_order")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_appointment_patient_id_patient")),
        sa.ForeignKeyConstraint(["provider_id"], ["account.id"], name=op.f("fk_appointment_provider_id_account")),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_appointment_series_id_series")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_appointment_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment")),
        sa.UniqueConstraint("request_key", name=op.f("uq_appointment_request_key")),
    )
    with op.batch_alter_table("appointment", schema=None) as batch_op:
        batch_op.create_index("ix_appointment_day", ["site_id", "on_date", "starts_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_appointment_order_id"), ["order_id"], unique=False)
        batch_op.create_index("ix_appointment_patient", ["patient_id", "starts_at"], unique=False)
        batch_op.create_index(
            "uq_appointment_series_number",
            ["series_id", "number"],
            unique=True,
            sqlite_where=sa.text(
                "series_id IS NOT NULL AND status IN ('booked', 'arrived', 'checked-in', 'fulfilled')"
            ),
            postgresql_where=sa.text(
                "series_id IS NOT NULL AND status IN ('booked', 'arrived', 'checked-in', 'fulfilled')"
            ),
        )

    op.create_table(
        "series_event",
        sa.Column("series_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_series_event_by_id_account")),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_series_event_series_id_series")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series_event")),
    )
    with op.batch_alter_table("series_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_series_event_series_id"), ["series_id"], unique=False)

    op.create_table(
        "appointment_event",
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("from_status", sa.String(length=40), nullable=True),
        sa.Column("to_status", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=30), nullable=True),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_appointment_event_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_appointment_event_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment_event")),
    )
    with op.batch_alter_table("appointment_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_appointment_event_appointment_id"), ["appointment_id"], unique=False)

    op.create_table(
        "encounter",
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("checked_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("discharged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dose_mg", sa.Numeric(precision=8, scale=2, asdecimal=False), nullable=True),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_encounter_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_encounter_patient_id_patient")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_encounter")),
        sa.UniqueConstraint("appointment_id", name=op.f("uq_encounter_appointment_id")),
    )
    with op.batch_alter_table("encounter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_encounter_patient_id"), ["patient_id"], unique=False)

    op.create_table(
        "message",
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("appointment_id", sa.Uuid(), nullable=True),
        sa.Column("recipient_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner", sa.String(length=60), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(length=60), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dead_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_message_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_message_patient_id_patient")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("key", name=op.f("uq_message_key")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_message_appointment_id"), ["appointment_id"], unique=False)
        batch_op.create_index("ix_message_due", ["sent_at", "voided_at", "dead_at", "due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_message_patient_id"), ["patient_id"], unique=False)

    op.create_table(
        "score",
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("snapshot_id", sa.Uuid(), nullable=True),
        sa.Column("appointment_id", sa.Uuid(), nullable=True),
        sa.Column("instrument", sa.String(length=20), nullable=False),
        sa.Column("instrument_version", sa.String(length=20), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("mode", sa.String(length=12), nullable=False),
        sa.Column("answers_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("scorer_version", sa.String(length=20), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_score_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_score_patient_id_patient")),
        sa.ForeignKeyConstraint(["snapshot_id"], ["snapshot.id"], name=op.f("fk_score_snapshot_id_snapshot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score")),
    )
    with op.batch_alter_table("score", schema=None) as batch_op:
        batch_op.create_index("ix_score_patient", ["patient_id", "instrument", "answered_at"], unique=False)

    op.create_table(
        "slot_claim",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("resource", sa.String(length=60), nullable=False),
        sa.Column("slot_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=True),
        sa.Column("hold_id", sa.Uuid(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(appointment_id IS NULL) <> (hold_id IS NULL)", name=op.f("ck_slot_claim_owner")),
        sa.CheckConstraint("(hold_id IS NULL) = (expires_at IS NULL)", name=op.f("ck_slot_claim_expiry")),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_slot_claim_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(["hold_id"], ["slot_hold.id"], name=op.f("fk_slot_claim_hold_id_slot_hold")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_slot_claim_site_id_site")),
        sa.PrimaryKeyConstraint("site_id", "resource", "slot_at", name=op.f("pk_slot_claim")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "pre_check",
        sa.Column("encounter_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.String(length=40), nullable=False),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_pre_check_by_id_account")),
        sa.ForeignKeyConstraint(["encounter_id"], ["encounter.id"], name=op.f("fk_pre_check_encounter_id_encounter")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pre_check")),
        sa.UniqueConstraint("encounter_id", "item", "at", name=op.f("uq_pre_check_encounter_id_item_at")),
    )
    with op.batch_alter_table("pre_check", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pre_check_encounter_id"), ["encounter_id"], unique=False)

    op.create_table(
        "vital_sign",
        sa.Column("encounter_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("systolic", sa.Integer(), nullable=True),
        sa.Column("diastolic", sa.Integer(), nullable=True),
        sa.Column("heart_rate", sa.Integer(), nullable=True),
        sa.Column("spo2", sa.Integer(), nullable=True),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_vital_sign_by_id_account")),
        sa.ForeignKeyConstraint(["encounter_id"], ["encounter.id"], name=op.f("fk_vital_sign_encounter_id_encounter")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vital_sign")),
    )
    with op.batch_alter_table("vital_sign", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_vital_sign_encounter_id"), ["encounter_id"], unique=False)



def downgrade() -> None:
    with op.batch_alter_table("vital_sign", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_vital_sign_encounter_id"))

    op.drop_table("vital_sign")
    with op.batch_alter_table("pre_check", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pre_check_encounter_id"))

    op.drop_table("pre_check")
    op.drop_table("slot_claim")
    with op.batch_alter_table("score", schema=None) as batch_op:
        batch_op.drop_index("ix_score_patient")

    op.drop_table("score")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_message_patient_id"))
        batch_op.drop_index("ix_message_due")
        batch_op.drop_index(batch_op.f("ix_message_appointment_id"))

    op.drop_table("message")
    with op.batch_alter_table("encounter", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_encounter_patient_id"))

    op.drop_table("encounter")
    with op.batch_alter_table("appointment_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_appointment_event_appointment_id"))

    op.drop_table("appointment_event")
    with op.batch_alter_table("series_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_series_event_series_id"))

    op.drop_table("series_event")
    with op.batch_alter_table("appointment", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_appointment_series_number",
            sqlite_where=sa.text(
                "series_id IS NOT NULL AND status IN ('booked', 'arrived', 'checked-in', 'fulfilled')"
            ),
            postgresql_where=sa.text(
                "series_id IS NOT NULL AND status IN ('booked', 'arrived', 'checked-in', 'fulfilled')"
            ),
        )
        batch_op.drop_index("ix_appointment_patient")
        batch_op.drop_index(batch_op.f("ix_appointment_order_id"))
        batch_op.drop_index("ix_appointment_day")

    op.drop_table("appointment")
    with op.batch_alter_table("verdict_override", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_verdict_override_trial_id"))

    op.drop_table("verdict_override")
    op.drop_table("trial_dose")
    with op.batch_alter_table("series", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_series_order",
            sqlite_where=sa.text("status <> 'stopped'"),
            postgresql_where=sa.text("status <> 'stopped'"),
        )
        batch_op.drop_index(batch_op.f("ix_series_patient_id"))

    op.drop_table("series")
    with op.batch_alter_table("order_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_order_event_order_id"))

    op.drop_table("order_event")
    with op.batch_alter_table("order_condition", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_order_condition_order_id"))

    op.drop_table("order_condition")
    with op.batch_alter_table("treatment_order", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_treatment_order_status"))
        batch_op.drop_index(batch_op.f("ix_treatment_order_patient_id"))

    op.drop_table("treatment_order")
    with op.batch_alter_table("screening_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_screening_answer_patient_id"))

    op.drop_table("screening_answer")
    with op.batch_alter_table("medication_trial", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_medication_trial_patient_id"))

    op.drop_table("medication_trial")
    with op.batch_alter_table("current_medicine", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_current_medicine_patient_id"))

    op.drop_table("current_medicine")
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ticket_email"))

    op.drop_table("ticket")
    op.drop_table("snapshot")
    with op.batch_alter_table("returned_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_returned_item_consultation_id"))

    op.drop_table("returned_item")
    with op.batch_alter_table("evaluation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evaluation_patient_id"))
        batch_op.drop_index(batch_op.f("ix_evaluation_consultation_id"))

    op.drop_table("evaluation")
    op.drop_table("draft")
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_decision_standing",
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )

    op.drop_table("decision")
    with op.batch_alter_table("consultation_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consultation_event_consultation_id"))

    op.drop_table("consultation_event")
    op.drop_table("audit_link")
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_alert_patient_id"))
        batch_op.drop_index("ix_alert_open")

    op.drop_table("alert")
    with op.batch_alter_table("slot_hold", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_slot_hold_site_id"))

    op.drop_table("slot_hold")
    with op.batch_alter_table("patient_name_key", schema=None) as batch_op:
        batch_op.drop_index("ix_patient_name_key_key")

    op.drop_table("patient_name_key")
    with op.batch_alter_table("finding_clearance", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_finding_clearance_patient_id"))

    op.drop_table("finding_clearance")
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_patient_id"))

    op.drop_table("document")
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contact_patient_id"))

    op.drop_table("contact")
    with op.batch_alter_table("consultation_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consultation_request_email"))

    op.drop_table("consultation_request")
    with op.batch_alter_table("consultation", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_consultation_open",
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.drop_index("ix_consultation_status")
        batch_op.drop_index(batch_op.f("ix_consultation_patient_id"))

    op.drop_table("consultation")
    with op.batch_alter_table("break_glass", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_break_glass_patient_id"))
        batch_op.drop_index(batch_op.f("ix_break_glass_account_id"))

    op.drop_table("break_glass")
    with op.batch_alter_table("audit_row", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_row_view")
        batch_op.drop_index("ix_audit_row_patient")

    op.drop_table("audit_row")
    with op.batch_alter_table("start_rule", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_start_rule_site_id"))

    op.drop_table("start_rule")
    with op.batch_alter_table("shift", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_shift_site_id"))

    op.drop_table("shift")
    op.drop_table("rule_signature")
    with op.batch_alter_table("recovery_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recovery_code_account_id"))

    op.drop_table("recovery_code")
    op.drop_table("policy")
    with op.batch_alter_table("patient", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_patient_phone_last4_index"))
        batch_op.drop_index(batch_op.f("ix_patient_phone_index"))
        batch_op.drop_index("ix_patient_family_name")
        batch_op.drop_index(batch_op.f("ix_patient_email"))
        batch_op.drop_index("ix_patient_born_on")

    op.drop_table("patient")
    with op.batch_alter_table("passkey", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_passkey_account_id"))

    op.drop_table("passkey")
    with op.batch_alter_table("opening", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_opening_site_id"))

    op.drop_table("opening")
    op.drop_table("closure")
    op.drop_table("chair")
    with op.batch_alter_table("auth_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_auth_session_account_id"))

    op.drop_table("auth_session")
    op.drop_table("account_role")
    op.drop_table("worker_beat")
    op.drop_table("throttle_counter")
    op.drop_table("site")
    op.drop_table("session_kind")
    op.drop_table("protocol")
    op.drop_table("account")
