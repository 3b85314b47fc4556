"""How many histories a second are read, judged, counted and answered in one process, without database or command."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from config import ROOT
from intake.domain.history.reading import answer
from tests.bench.figures import spread, table

HISTORIES = 10_000
WANTED_PER_SECOND = 5_000
RUNS = 3
CLOCKS = (time.perf_counter, time.process_time)  # the second leaves out what other work takes of a shared machine
AS_OF = date(2025, 7, 1)
_ANTIDEPRESSANTS: tuple[tuple[str, float], ...] = (
    ("sertraline", 50),
    ("Zoloft", 50),
    ("citalopram", 20),
    ("Lexapro", 10),
    ("fluoxetine", 20),
    ("bupropion XL", 300),
    ("venlafaxine XR", 150),
    ("duloxetine", 60),
    ("mirtazapine", 15),
    ("trazodone", 200),
    ("vilazodone", 20),
    ("nortriptyline", 75),
)
_AGENTS: tuple[tuple[str, float], ...] = (
    ("aripiprazole", 5),
    ("lithium", 600),
    ("quetiapine XR", 150),
    ("Cytomel", 0.025),
)
_OTHERS = ("TMS", "ECT", "Spravato", "CBT", "gabapentin", "mystery pill")
_IMPROVEMENTS = ("under 25", "under 25", "25-49", "worse", "unknown", "50 or more")
_STOPS = ("no benefit", "no benefit", "side effects", "cost", "other", "unknown")


def histories(count: int, seed: int = 1) -> list[dict[str, Any]]:
    """Invented histories of one to eight trials (mean four and a half), parsed as the command reads them.

    Each trial has one to three doses; dates are days, months, seasons, years or only lengths; some doses are
    forgotten, some agents added to the trial before.
    """
    chance = random.Random(seed)
    return [_history(chance) for _ in range(count)]


def _history(chance: random.Random) -> dict[str, Any]:
    trials: list[dict[str, Any]] = []
    for place in range(chance.randint(1, 8)):
        trials.append(_trial(chance, place, trials))
    return {"as_of": AS_OF.isoformat(), "trials": trials}


def _trial(chance: random.Random, place: int, before: list[dict[str, Any]]) -> dict[str, Any]:
    kind = chance.random()
    if kind < 0.7:
        name, least = chance.choice(_ANTIDEPRESSANTS)
    elif kind < 0.85:
        name, least = chance.choice(_AGENTS)
    else:
        name, least = chance.choice(_OTHERS), 50
    trial: dict[str, Any] = {
        "id": f"t{place}",
        "treatment": name,
        "episode": "current" if chance.random() < 0.7 else "earlier",
        "adherence": chance.choice(("good", "good", "good", "poor", "unsure")),
        "improvement": chance.choice(_IMPROVEMENTS),
        "stop_reason": chance.choice(_STOPS),
        "doses": _doses(chance, least),
    }
    if 0.7 <= kind < 0.85 and before:
        trial["added_to"] = before[-1]["id"]
    return trial


def _doses(chance: random.Random, least: float) -> list[dict[str, Any]]:
    day = AS_OF - timedelta(days=chance.randint(500, 3000))
    doses: list[dict[str, Any]] = []
    cut = chance.choice((10, 7, 7, 4))
    has_dates = chance.random() < 0.7
    for _ in range(chance.choice((1, 1, 2, 3))):
        days = chance.randint(7, 150)
        mg = chance.choice((None, least / 2, least, least, 2 * least))
        if has_dates:
            start, day = day, day + timedelta(days=days)
            doses.append({"mg_per_day": mg, "from": start.isoformat()[:cut], "to": day.isoformat()[:cut]})
        else:
            doses.append({"mg_per_day": mg, chance.choice(("weeks", "about_weeks")): days / 7})
    return doses


def _rate(documents: list[dict[str, Any]], clock: Callable[[], float]) -> float:
    began = clock()
    for document in documents:
        answer(document)
    return len(documents) / (clock() - began)


def _shared_examples() -> list[dict[str, Any]]:
    """The worked examples again and again, until there are enough."""
    examples = json.loads((ROOT / "tests/domain/data/trial-adequacy-examples.json").read_text())
    found = [case["history"] for part in ("examples", "histories") for case in examples[part]]
    return [found[place % len(found)] for place in range(HISTORIES)]


def _row(name: str, documents: list[dict[str, Any]]) -> list[object]:
    trials = sum(len(document["trials"]) for document in documents) / len(documents)
    by_clock, by_processor = ([_rate(documents, clock) for _ in range(RUNS)] for clock in CLOCKS)
    return [name, f"{trials:.1f}", spread(by_clock), spread(by_processor)]


def main() -> None:
    """Print how many of 10,000 histories are answered in a second of the clock and of the processor."""
    invented = histories(HISTORIES)
    head = ["10,000 histories", "trials in each", "a second by the clock", "a second of processor time"]
    rows = [_row("shared worked examples", _shared_examples()), _row("invented", invented)]
    print(table(head, rows))
    print(f"\nWanted: {WANTED_PER_SECOND:,} a second. Median (least to most) of {RUNS} runs.\n")
    found = Counter(answer(document)["statement"] for document in invented)
    print(table(["statement on the invented", "histories"], found.most_common()))
