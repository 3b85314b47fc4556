"""What is drawn from data: the treatment timeline, the day board, the plan strip."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest
from flask import Flask

from config import ROOT
from tests.web.rendering import bare_app, page_of, show


@pytest.fixture(scope="module")
def bare() -> Flask:
    return bare_app()


def a_trial(start: float, stop: float, **more: Any) -> dict[str, Any]:
    ends = {"from_fraction_min": start, "from_fraction_max": start, "to_fraction_min": stop, "to_fraction_max": stop}
    return (
        {"label": "sertraline <i>", "adequate": True, "dates": "2019", "dose": "50 mg", "outcome": "none"} | ends | more
    )


def svg_of(body: str) -> ElementTree.Element:
    return ElementTree.fromstring(body[body.index("<svg width") : body.index("</svg>\n    </div>") + 6])  # noqa: S314


def test_the_timeline_is_one_readable_svg_with_its_facts_as_a_table(bare):
    trials = [
        a_trial(0.1, 0.5),
        a_trial(0.4, 0.9, adequate=False, note="side effects"),
        a_trial(0.2, 0.3, adequate=None),
    ]
    source = '{% from "components/timeline.html" import timeline %}{{ timeline(trials, ticks, "Three treatments.") }}'
    body = show(bare, source, trials=trials, ticks=[{"label": "2019", "fraction": 0.0}])
    svg = svg_of(body)
    classes = [rect.get("class") for rect in svg.iter("rect")]
    assert classes == ["bar adequate", "bar inadequate", "bar unclear"]
    assert [text.text for text in svg.iter("title")] == ["Treatment timeline"]
    assert body.count('<th scope="row">sertraline &lt;i&gt;</th>') == 3
    assert "side effects" in body


def test_dates_that_are_not_exact_have_soft_ends(bare):
    trial = a_trial(0, 1, from_fraction_min=0.1, from_fraction_max=0.2, to_fraction_min=0.6, to_fraction_max=0.8)
    source = '{% from "components/timeline.html" import timeline %}{{ timeline([trial], [], "One.") }}'
    rects = [(r.get("class"), r.get("x"), r.get("width")) for r in svg_of(show(bare, source, trial=trial)).iter("rect")]
    assert rects == [("soft", "10.00%", "10.00%"), ("bar adequate", "20.00%", "40.00%"), ("soft", "60.00%", "20.00%")]


def test_dates_that_may_meet_are_soft_throughout(bare):
    trial = a_trial(0, 1, from_fraction_min=0.1, from_fraction_max=0.6, to_fraction_min=0.5, to_fraction_max=0.8)
    source = '{% from "components/timeline.html" import timeline %}{{ timeline([trial], [], "One.") }}'
    rects = [(r.get("class"), r.get("x"), r.get("width")) for r in svg_of(show(bare, source, trial=trial)).iter("rect")]
    assert rects == [("soft", "10.00%", "70.00%")]


def test_a_block_of_the_board_stands_in_its_lane_at_its_quarter(bare):
    block = {"col": 2, "row": 5, "span": 10, "turnover": 1, "url": "/v", "name": "Rivera, Ana", "time": "9:00–11:30",
             "what": "Infusion 2 of 6", "status": "checked-in", "id": "v1"}  # fmt: skip
    source = (
        '{% from "components/board.html" import day_board %}{{ day_board(chairs, 36, [], [block], "Tuesday", [], 7) }}'
    )
    body = show(bare, source, chairs=[{"name": "A"}, {"name": "B"}], block=SimpleNamespace(**block))
    first, second = body.split('<ul class="board-lane"')[1:]
    assert "Rivera" not in first
    assert 'class="visit status-checked-in row-5 span-10"' in second
    assert 'class="turnover row-15 span-1"' in second
    assert body.count('class="now row-7"') == 4
    assert "checked in" in page_of(second)


def test_every_place_on_the_board_has_its_class():
    sheet = (ROOT / "static" / "css" / "board.css").read_text()
    wanted = (
        [f".row-{n} " for n in range(1, 61)]
        + [f".span-{n} " for n in range(1, 25)]
        + [f".chairs-{n} " for n in range(1, 13)]
    )
    assert [place for place in wanted if place not in sheet] == []


def test_the_plan_strip_has_a_cell_for_every_day(bare):
    days = [{"label": f"Mon {n}", "long": f"Monday, December {n}", "week_start": n == 1} for n in range(1, 4)]
    plan = {"name": "A", "cost": "best", "cells": [{"time": "9:00 am", "chair": "B", "tentative": True}, None, None]}
    source = '{% from "components/schedule.html" import plan_strip %}{{ plan_strip(days, [plan], "Series") }}'
    body = show(bare, source, days=days, plan=plan)
    assert body.count("<td") == 3
    assert body.count('scope="col"') == 4
    assert "tentative" in page_of(body)
