"""Names of medicines that are taken for each other. A person is always shown both, each with its class."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache

from intake.domain.data import read_table
from intake.domain.screening.name_list import listed
from intake.domain.screening.sources import key_of


@dataclass(frozen=True, slots=True)
class Known:
    """A name and what it is for, in a patient's words."""

    name: str
    used_for: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two names that are taken for each other, and where that is from."""

    one: Known
    other: Known
    source: str
    confidence: str


@cache
def pairs() -> tuple[Pair, ...]:
    """Every pair of the table, in its order."""
    return tuple(
        Pair(
            Known(row["name"], row["used_for"]),
            Known(row["looks_like"], row["that_is_used_for"]),
            row["source"],
            row["confidence"],
        )
        for row in read_table("lookalikes.csv")
    )


def partners_of(name: str) -> tuple[Known, ...]:
    """The names that this one is taken for."""
    return tuple(_partners().get(key_of(name), {}).values())


def use_of(name: str) -> str:
    """What a name of the table is for; empty for another name."""
    return _uses().get(key_of(name), "")


def are_alike(one: str, other: str) -> bool:
    """Whether two names are a pair of the table."""
    return key_of(other) in _partners().get(key_of(one), {})


def is_unlisted(key: str) -> bool:
    """Whether a key is a medicine that only this table knows: it is never read as one of the lists' names."""
    return key in _unlisted()


def unlisted_names() -> tuple[str, ...]:
    """The names that only this table knows."""
    return tuple(_unlisted().values())


@cache
def _partners() -> dict[str, dict[str, Known]]:
    found: dict[str, dict[str, Known]] = defaultdict(dict)
    for pair in pairs():
        for one, other in ((pair.one, pair.other), (pair.other, pair.one)):
            found[key_of(one.name)][key_of(other.name)] = other
    return dict(found)


@cache
def _uses() -> dict[str, str]:
    return {key_of(known.name): known.used_for for pair in pairs() for known in (pair.one, pair.other)}


@cache
def _unlisted() -> dict[str, str]:
    known = listed()
    names = (one.name for pair in pairs() for one in (pair.one, pair.other))
    return {key_of(name): name for name in names if key_of(name) not in known}
