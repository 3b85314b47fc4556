"""An old downtime pack shows where somebody looks: on the manager's page and on /readyz, which stays ready."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from intake.domain.roles import Role
from intake.services import downtime, housekeeping
from tests import factories
from tests.factories import NOW
from tests.web.client import Client
from tests.web.worlds import stopped_clock

OLD = "The downtime pack is old"


@pytest.mark.parametrize(("minutes", "is_fresh"), [(0, True), (90, True), (91, False), (None, False)])
def test_a_pack_older_than_ninety_minutes_is_told(
    app: Flask, tmp_path: Path, minutes: int | None, is_fresh: bool
) -> None:
    with app.app_context():
        housekeeping.beat("worker", NOW)
        if minutes is not None:
            downtime.keep_current(tmp_path / "packs", hours=48, now=NOW - timedelta(minutes=minutes))
        account_id = factories.an_account(Role.MANAGER, name="Mo Manager")
    with stopped_clock(NOW):
        client = Client(app)
        client.sign_in(account_id, now=NOW)
        assert (OLD in client.get("/manage/").text) is not is_fresh
        ready = app.test_client().get("/readyz")
    assert ready.status_code == 200
    assert ready.get_json()["downtime_pack"] is is_fresh
