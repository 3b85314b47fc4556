"""Planning one by one: the orders that are tried, the best of which a joint plan is never worse than."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from random import Random

from intake.domain.scheduling.batch_layout import Layout
from intake.domain.scheduling.batch_tables import Tables
from intake.domain.scheduling.batch_values import KeepGoing

RANDOM_ORDERS = 2
"""Orders drawn by chance, besides those by file, room, cost and date."""


def one_by_one(tables: Tables, order: Iterable[int], keep_going: KeepGoing = lambda: True) -> Layout:
    """Every series laid out at its least cost around those before it; one dearer than `unplaced` stays out.

    Once `keep_going` says no, the rest stays out too.
    """
    layout = Layout(tables)
    for place in order:
        if not keep_going():
            break
        layout.insert(place, tables.batch.unplaced)
    return layout


def orders(tables: Tables, random: Random) -> Iterator[list[int]]:
    """As they come; least room first; dearest first; by earliest date; and some by chance."""
    places = list(range(len(tables.entries)))
    yield places
    yield sorted(places, key=lambda place: _room(tables, place))
    yield sorted(places, key=lambda place: -(tables.entries[place].alone or 0))
    yield sorted(places, key=lambda place: tables.entries[place].case.patient.earliest)
    for _ in range(RANDOM_ORDERS):
        yield random.sample(places, len(places))


def _room(tables: Tables, place: int) -> int:
    """How many starts a series can choose from, all its infusions together."""
    return sum(
        len(track.numbers) * starts.bit_count()
        for track in tables.entries[place].tracks
        for offer in track.offers.values()
        for _, starts in offer.levels
    )
