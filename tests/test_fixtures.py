"""The fixtures themselves: what the other tests lean on."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import inspect, select, text

from config import ROOT
from intake.extensions import db, transaction
from intake.models.sites import Site
from tests import factories
from tests.databases import check_no_write_is_open, check_nothing_is_open, delete_all_rows
from tests.machine import find_postgresql
from tests.racing import race

pytestmark = pytest.mark.both_databases


def sites_of(app):
    with app.app_context():
        return list(db.session.scalars(select(Site.id)))


def test_all_tables_stand_in_a_fresh_database(app, database_kind):
    with app.app_context():
        assert db.engine.dialect.name == database_kind
        assert set(db.metadata.tables) <= set(inspect(db.engine).get_table_names())


def test_rows_are_deleted_whatever_points_where(app):
    with app.app_context():
        factories.an_order(factories.a_patient(factories.a_site()), factories.a_provider())
    assert sites_of(app)
    delete_all_rows(app)
    assert not sites_of(app)


@pytest.mark.parametrize("time", ["first", "second"])
def test_each_test_begins_empty(app, time):
    assert sites_of(app) == []
    with app.app_context():
        factories.a_site(name="The one")


def test_two_databases_of_one_kind_do_not_meet(app, databases, database_kind):
    other = databases.app(databases.fresh(database_kind))
    with other.app_context():
        factories.a_site()
        db.engine.dispose()
    assert sites_of(app) == []


def test_a_write_left_open_is_found(app):
    with app.app_context():
        site_id = factories.a_site()
        db.session.execute(text("UPDATE site SET name = 'other'"))
        with pytest.raises(AssertionError, match="left open"):
            check_no_write_is_open(app)
        db.session.rollback()
        db.session.get_one(Site, site_id).name = "forgotten"
        with pytest.raises(AssertionError, match="never committed"):
            check_no_write_is_open(app)
        db.session.rollback()
        check_no_write_is_open(app)


def test_a_connection_kept_is_found(app):
    with app.app_context():
        connection = db.engine.connect()
    with pytest.raises(AssertionError, match="not given back"):
        check_nothing_is_open(app)
    connection.close()


def test_racers_run_at_once_in_sessions_of_their_own(app):
    with app.app_context():
        factories.a_site(name="0")

        def count_up(number):
            if number == 7:
                raise ValueError("unlucky")
            with transaction() as session:
                site = session.scalars(select(Site).with_for_update()).one()
                site.name = str(int(site.name) + 1)
            return number

        answers = race(app, count_up, 8)
        assert answers[:7] == list(range(7))
        assert isinstance(answers[7], ValueError)
        assert db.session.scalars(select(Site.name)).one() == "7"


def test_postgresql_ends_with_its_tests_even_when_they_are_killed(database_kind):
    if database_kind != "postgresql":
        return
    script = (
        "import os; from pathlib import Path; from tests.postgres import Cluster\n"
        f"cluster = Cluster(Path({str(find_postgresql())!r})); print(cluster.folder, flush=True)\n"
        "os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    folder = Path(done.stdout.strip())
    assert folder.name.startswith("intake-pg-")
    end = time.monotonic() + 20
    while folder.exists() and time.monotonic() < end:
        time.sleep(0.1)
    assert not folder.exists()
