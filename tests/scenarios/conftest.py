"""The clinic of the scenarios, open on Tuesday, December 1, at 9:05 in Denver."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.browser import OpenPage
from tests.live import LiveServer
from tests.scenarios.settings import Setting
from tests.web import world
from tests.web.worlds import stopped_clock

Open = Callable[..., Setting]


@pytest.fixture
def given_a_clinic(live_server: LiveServer, open_page: OpenPage) -> Iterator[Open]:
    """Open the clinic: `given_a_clinic(has_script=False)`."""
    with stopped_clock() as clock:

        def opened(*, has_script: bool) -> Setting:
            with live_server.app.app_context():
                made = world.open_clinic(clock.at)
            return Setting(live_server, clock, open_page, made, has_script)

        yield opened
