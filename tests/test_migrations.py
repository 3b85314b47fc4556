"""Migrations run up, down and up again on both databases, and say what the models say."""

from __future__ import annotations

import flask_migrate
import pytest
from sqlalchemy import inspect

from intake.extensions import db
from tests.databases import KINDS, Databases


@pytest.mark.parametrize("kind", KINDS)
def test_migrations_run_up_down_and_up_and_agree_with_the_models(databases: Databases, kind: str) -> None:
    app = databases.app(databases.empty(kind))
    with app.app_context():
        flask_migrate.upgrade()
        flask_migrate.downgrade(revision="base")
        assert inspect(db.engine).get_table_names() == ["alembic_version"]
        flask_migrate.upgrade()
        flask_migrate.check()
        assert set(inspect(db.engine).get_table_names()) == set(db.metadata.tables) | {"alembic_version"}
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize("kind", KINDS)
def test_foreign_keys_hold_after_migrating(databases: Databases, kind: str) -> None:
    app = databases.app(databases.fresh(kind))
    with app.app_context():
        if kind == "sqlite":
            assert db.session.connection().exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
            assert db.session.connection().exec_driver_sql("PRAGMA foreign_key_check").all() == []
        assert inspect(db.engine).get_foreign_keys("slot_claim")
        db.session.remove()
        db.engine.dispose()
