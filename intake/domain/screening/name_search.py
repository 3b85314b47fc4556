"""Names for a person to pick from: look-alikes stand together, each with what it is for, and nobody picks for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from intake.domain.history import formulary
from intake.domain.screening import lookalikes
from intake.domain.screening.lookalikes import Known
from intake.domain.screening.name_list import Match, listed
from intake.domain.screening.names import LONGEST, choices, near
from intake.domain.screening.sources import key_of, medicines

SHOWN = 12


@dataclass(frozen=True, slots=True)
class Offer:
    """One name of the field's list: what stands beside it, and the names that it is taken for."""

    name: str
    note: str
    looks_like: tuple[str, ...]


@cache
def offers() -> tuple[Offer, ...]:
    """Every name that the field offers; a name of a pair says what it is for, and both of a pair are offered."""
    names = {key_of(one.name): (one.name, one.label.removeprefix(one.name).strip(" ()")) for one in choices()}
    for pair in lookalikes.pairs():
        for known in (pair.one, pair.other):
            names.setdefault(key_of(known.name), (known.name, ""))
    return tuple(
        Offer(name, ", ".join(filter(None, (note, lookalikes.use_of(name)))), _partners(name))
        for name, note in sorted(names.values(), key=lambda one: one[0].casefold())
    )


def search(typed: str) -> tuple[Known, ...]:
    """Names for what was typed, at most 12: the name itself, names that begin so, then the likeliest misspelled ones.

    A look-alike stands behind its partner with its use, also when only one of the two was near.
    """
    key = key_of(typed[:LONGEST])
    if not key:
        return ()
    found: dict[str, Known] = {}
    for name in _ranked(key, typed):
        known = Known(name, use_of(name))
        for one in (known, *lookalikes.partners_of(name)):
            found.setdefault(key_of(one.name), one)
        if len(found) >= SHOWN:
            break
    return tuple(found.values())[:SHOWN]


@lru_cache(maxsize=1024)
def suggestions(typed: str) -> tuple[Known, ...]:
    """What a name that was corrected or not recognised may mean, one name for each medicine, with its look-alikes."""
    by_medicine: dict[object, Known] = {}
    for one in search(typed):
        match = _meaning_of(one.name)
        by_medicine.setdefault(match.components if match else one.name, one)
    return tuple(by_medicine.values())


def use_of(name: str) -> str:
    """What a medicine is for in a word: by the table of look-alikes, else its class in the lists, else its row."""
    match = _meaning_of(name)
    if lookalikes.use_of(name) or match is None:
        return lookalikes.use_of(name)
    classes = (_classes().get(key_of(part), "") for part in (match.matched or "", *match.components))
    return next(filter(None, classes), "") or (match.rows[0].lower() if match.rows else "")


def _ranked(key: str, typed: str) -> Iterator[str]:
    if key in listed():
        yield listed()[key][0]
    for other, (name, _) in listed().items():
        if other != key and other.startswith(key):
            yield name
    for one in near(typed):
        yield one.name


def _meaning_of(name: str) -> Match | None:
    known = listed().get(key_of(name))
    return known[1] if known else None


def _partners(name: str) -> tuple[str, ...]:
    return tuple(partner.name for partner in lookalikes.partners_of(name))


@cache
def _classes() -> dict[str, str]:
    classes = {key_of(treatment.molecule): treatment.drug_class for treatment in formulary.treatments()}
    classes |= {key_of(row.generic): row.drug_class for row in medicines()}
    return classes
