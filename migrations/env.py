"""Runs migrations in one transaction on both databases; on SQLite with foreign keys off meanwhile.

Rebuilding a parent table on SQLite drops it first: with foreign keys on, that deletes its children.
"""

from alembic import context
from flask import current_app
from sqlalchemy.types import TypeDecorator

db = current_app.extensions["migrate"].db
DIALECTS = ("sqlite", "postgresql")


def render_item(kind, item, _autogen):
    """Write our own column types as the plain ones behind them, so that migrations import nothing of ours."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


def compare_type(_context, _inspected, _metadata_column, _inspected_type, metadata_type):
    """A type of our own is compared by the plain one behind it."""
    return False if isinstance(metadata_type, TypeDecorator) else None


def settings(dialect):
    """What both ways of running share."""
    if dialect not in DIALECTS:
        raise RuntimeError(f"no migrations for {dialect}")
    return {
        "target_metadata": db.metadata,
        "render_item": render_item,
        "compare_type": compare_type,
        "render_as_batch": dialect == "sqlite",
        "transactional_ddl": True,
    }


def run_offline():
    """Print the SQL of an upgrade (PostgreSQL)."""
    url = str(db.engine.url.render_as_string(hide_password=False))
    context.configure(url=url, literal_binds=True, **settings(db.engine.dialect.name))
    with context.begin_transaction():
        context.run_migrations()


def run_online():
    """Migrate the bound database, all of it or nothing."""
    with db.engine.connect() as connection:
        lite = db.engine.dialect.name == "sqlite"
        if lite:
            connection.connection.dbapi_connection.execute("PRAGMA foreign_keys=OFF")  # before BEGIN, else ignored
        context.configure(connection=connection, **settings(db.engine.dialect.name))
        with context.begin_transaction():
            context.run_migrations()
            if lite and connection.exec_driver_sql("PRAGMA foreign_key_check").all():
                raise RuntimeError("a migration left rows that point nowhere")
    db.engine.dispose()  # foreign keys are on again in the next connection


if context.is_offline_mode():
    run_offline()
else:
    run_online()
