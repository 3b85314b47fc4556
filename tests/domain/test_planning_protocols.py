"""The clinic's default protocols are data: every value with a source, and each can be planned."""

import json
from datetime import date

import pytest

from intake.domain.errors import DomainError
from intake.domain.scheduling.boosters import due_windows
from intake.domain.scheduling.planning import Plan, plan_series
from intake.domain.scheduling.protocols import (
    DATA,
    default_protocol,
    default_protocols,
    default_regime,
    default_regimes,
    default_weights,
    warn_span_days,
)
from intake.domain.scheduling.reading import case_from_json, protocol_from_json
from intake.domain.scheduling.recipes import LABELS
from intake.domain.scheduling.values import Weights
from intake.domain.scheduling.writing import regime_to_json
from tests.domain.plain_case import WEEK, plain_case

THRICE, TWICE, WEEKLY, PAIN = default_protocols()


def test_the_two_acute_protocols_hold_what_was_decided():
    assert (THRICE.protocol.gap_points, TWICE.protocol.gap_points) == (
        {2: 0, 3: 0, 4: 4, 5: 8},
        {2: 3, 3: 0, 4: 0, 5: 3, 6: 8, 7: 8},
    )
    for version, per_week in ((THRICE, 3), (TWICE, 2)):
        found = version.protocol
        assert (found.infusions, found.per_week, found.max_span_days) == (6, per_week, 21)
        assert (found.chair_minutes, found.first_chair_minutes, found.turnover_minutes) == (120, 150, 15)
        assert (found.watch_profile, found.first_start) == (((30, 2), (90, 1)), (600, 780))


def test_every_value_has_a_source_and_none_is_signed_yet():
    def values(node):
        if isinstance(node, dict) and "value" in node:
            yield node
        elif isinstance(node, dict | list):
            for inner in node.values() if isinstance(node, dict) else node:
                yield from values(inner)

    found = list(values(json.loads(DATA.read_text())))
    assert len(found) > 30
    assert all(value["source"].strip() for value in found)
    assert THRICE.reviewed_by is None
    for version in default_protocols():
        assert set(version.sources) == set(version.verified) == set(version.raw) - {"name"} == set(LABELS)


def test_a_value_that_is_a_judgement_or_was_read_elsewhere_is_not_called_verified():
    for version in default_protocols():
        unread = [name for name, text in version.sources.items() if "judgement" in text or "secondary" in text]
        assert unread and not any(version.verified[name] for name in unread)
        assert version.stored_sources["infusions"]["source"] == version.sources["infusions"]


def test_a_protocol_survives_being_stored():
    assert protocol_from_json(json.loads(json.dumps(TWICE.raw))) == TWICE.protocol


def test_defaults_are_found_by_key_and_an_unknown_key_is_refused():
    assert default_protocol("acute-twice-weekly") == TWICE
    for find in (default_protocol, default_regime):
        with pytest.raises(DomainError):
            find("weekly-forever")


def test_the_default_weights_and_the_span_to_warn_at():
    assert default_weights() == Weights(3, 4, 3, 2, 3, 1, 6, 8)
    assert warn_span_days() == 28


@pytest.mark.parametrize(
    ("version", "weekdays"),
    [(THRICE, [0, 2, 4] * 2), (TWICE, [0, 3] * 3), (WEEKLY, [0] * 4), (PAIN, [0, 1, 2, 3, 4])],
)
def test_on_an_empty_calendar_a_series_keeps_its_rhythm(version, weekdays):
    hours = {day: [["08:00", "17:00"]] for day in WEEK}
    raw = plain_case(
        protocol=dict(version.raw),
        site_hours=hours,
        patient_available=hours,
        site_monitoring=[{"days": WEEK, "from": "08:00", "to": "17:00", "capacity": 4}],
        weights={"spacing": 3, "delay_day": 4, "time_shift": 2, "weekday_change": 3, "sliver": 1},
    )
    found = plan_series(case_from_json(raw), 0)
    assert isinstance(found, Plan)
    assert [slot.day.weekday() for slot in found.slots] == weekdays
    assert found.cost == 0
    first, last = version.protocol.first_start
    assert first <= found.slots[0].start <= last


def test_the_default_taper_is_weekly_then_two_then_four_weeks():
    taper = default_regime("taper").regime
    windows = due_windows(date(2026, 12, 1), taper, date(2026, 12, 1), count=9)
    assert [(w.target - date(2026, 12, 1)).days for w in windows] == [7, 14, 21, 28, 42, 56]
    assert taper.max_boosters == 6
    assert [one.key for one in default_regimes()] == ["taper", "every-four-weeks", "pairs-every-four-weeks"]


def test_a_regime_is_stored_with_its_steps_source_and_limit():
    stored = regime_to_json(default_regime("every-four-weeks").regime)
    assert stored["steps"] == [{"every_days": 28, "times": None, "tolerance_days": 7}]
    assert stored["max_boosters"] == 6
    assert stored["source"]
