"""What a typed medicine name means: exactly, by brand, with its salt put aside, or a little misspelled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from intake.domain.history import formulary
from intake.domain.screening import lookalikes
from intake.domain.screening.name_list import How, Match, listed, products
from intake.domain.screening.name_words import keys_of, parts_of, readings_of, spellings_of
from intake.domain.screening.sources import further_names, key_of, medicines
from intake.domain.screening.spelling import NameIndex, Near

__all__ = ["How", "LONGEST", "Match", "NameChoice", "choices", "near", "resolve"]

LONGEST = 200
"""Letters; nothing longer is the name of a medicine, and nothing longer is searched for."""
_NO_MEDICINES = ("device", "talk")
_CLEARLY = 2
"""How many slips nearer a name must lie than its look-alike, unless it was missed by a single slip."""


@dataclass(frozen=True, slots=True)
class NameChoice:
    """One line of the list that a person picks from; `resolve` understands both `name` and `label`."""

    name: str
    label: str


@lru_cache(maxsize=4096)
def resolve(name: str) -> Match:
    """Find a medicine by what a person typed; case, punctuation, salt, strength and form are put aside.

    They are put aside only as far as the list does not have them: "Wellbutrin XL 300 mg" is found with its XL. A
    misspelling is matched only where one medicine is clearly nearest, and the match says how it was read.
    """
    if len(name) > LONGEST:
        return Match(name, None, How.NONE)
    found = _as_written(name) or _product_of(name) or _as_meant(name) or Match("", None, How.NONE)
    return replace(found, typed=name)


def near(name: str) -> list[Near]:
    """Names of the list, and their look-alikes outside it, that lie near a misspelled one; the nearest first.

    Of names equally near one that was compared with its release and salt comes first, then one of about the same
    length: "effexer xr" is Effexor XR before Effexor.
    """
    found: dict[str, tuple[int, int, int, Near]] = {}
    for reading in readings_of(name[:LONGEST]):
        for rank, words in enumerate(spellings_of(reading)):
            for one in _index().near(words):
                placed = (one.slips, rank, abs(len(one.name) - len(name)), one)
                found[one.name] = min(placed, found.get(one.name, placed))
    return [placed[-1] for placed in sorted(found.values())]


@cache
def choices() -> tuple[NameChoice, ...]:
    """Every generic and brand name for a combobox, in alphabetical order of the labels."""
    named: dict[str, NameChoice] = {}
    for row in medicines():
        _offer(named, row.generic, row.brands)
    for treatment in formulary.treatments():
        if treatment.route not in _NO_MEDICINES:
            _offer(named, treatment.generic, treatment.brands)
    for further in further_names():
        _offer(named, " + ".join(further.means), (further.name,))
    return tuple(sorted(named.values(), key=lambda choice: choice.label.casefold()))


def _offer(named: dict[str, NameChoice], generic: str, brands: Iterable[str]) -> None:
    if key_of(generic) in listed():
        named.setdefault(key_of(generic), NameChoice(generic, generic))
    for brand in brands:
        named.setdefault(key_of(brand), NameChoice(brand, f"{brand} ({generic})"))


def _as_written(name: str) -> Match | None:
    for reading in readings_of(name):
        for key, without_salt in keys_of(reading):
            if key in listed():
                found = listed()[key][1]
                return replace(found, how=How.SALT) if without_salt else found
    return None


def _product_of(name: str) -> Match | None:
    """A product whose components were named one by one, in any order."""
    parts = [_as_written(part) for part in parts_of(name)]
    if len(parts) < 2 or not all(parts):
        return None
    held = frozenset(key_of(component) for part in parts if part for component in part.components)
    product = products().get(held)
    has_salt = any(part.how is How.SALT for part in parts if part)
    return product and replace(product, how=How.SALT if has_salt else How.EXACT)


def _as_meant(name: str) -> Match | None:
    """The one medicine that a misspelled name lies clearly nearest to; None where there is doubt."""
    if any(lookalikes.is_unlisted(key) for reading in readings_of(name) for key, _ in keys_of(reading)):
        return None
    found = near(name)
    nearest = found[0] if found and found[0].is_sure else None
    match = _meaning_of(nearest.name) if nearest else None
    if nearest is None or match is None or any(_is_rival(one, nearest, match) for one in found[1:]):
        return None
    return replace(match, how=How.SPELLING, read_as=nearest.name)


def _is_rival(one: Near, nearest: Near, match: Match) -> bool:
    """Whether another medicine lies so near that it may be meant."""
    other = _meaning_of(one.name)
    if other is not None and other.components == match.components:
        return False
    needed = _CLEARLY if nearest.slips > 1 and lookalikes.are_alike(one.name, nearest.name) else 1
    return one.slips - nearest.slips < needed


def _meaning_of(name: str) -> Match | None:
    known = listed().get(key_of(name))
    return known[1] if known else None


@cache
def _index() -> NameIndex:
    return NameIndex(_entries())


def _entries() -> Iterator[tuple[str, tuple[str, ...]]]:
    """What is compared: every medicine's names, but not the short names of devices and talking treatments."""
    others = {treatment.molecule for treatment in formulary.treatments() if treatment.route in _NO_MEDICINES}
    medicines_only = [name for name, match in listed().values() if others.isdisjoint(match.components)]
    for name in [*medicines_only, *lookalikes.unlisted_names()]:
        for words in spellings_of(name):
            yield name, words
