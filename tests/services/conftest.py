"""Tests of services run inside an app context, on both databases."""

import pytest


@pytest.fixture(autouse=True)
def _in_app_context(app_context: None) -> None:
    """Open the context for every test here."""
