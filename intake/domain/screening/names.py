"""One list of medicine names: starter list, interaction members, antidepressants. No spelling correction yet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache

from intake.domain.data import read_document
from intake.domain.history import formulary
from intake.domain.history.formulary import Treatment
from intake.domain.screening.sources import (
    MedicineRow,
    interaction_order,
    interactions,
    key_of,
    medicines,
    unresolved_members,
)

_WORDS = read_document("name-words.json")
_SALTS = frozenset(_WORDS["salts"])
_FORMS = frozenset(_WORDS["forms"])
_RELEASES = frozenset(_WORDS["releases"])
_QUALIFIERS = _RELEASES | _FORMS | {"low", "high", "dose"}
_STRENGTH = re.compile(
    r"(?<![\w.])(?:[0-9]*[.])?[0-9]+(?:[.,/-][0-9]+)*\s*"
    r"(?:(?:mg|mcg|ug|µg|micrograms?|milligrams?|grams?|g|ml|meq|units?|iu)(?![a-z])|%)?"
    r"(?:\s*(?:/|per)\s*[0-9]*\s*(?:ml|hr?|hours?|day|dose|spray|patch)(?![a-z]))?(?![\w-])"
)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")


class How(StrEnum):
    """How a name was found."""

    EXACT = "exact"
    BRAND = "brand"
    SALT = "salt"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Match:
    """What a typed name means. `matched` is None when nothing fits.

    `components` are the molecules of the product, `rows` the names of its interaction rows, in their order.
    """

    typed: str
    matched: str | None
    how: How
    components: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NameChoice:
    """One line of the list that a person picks from; `resolve` understands both `name` and `label`."""

    name: str
    label: str


def resolve(name: str) -> Match:
    """Find a medicine by what a person typed; case, punctuation, salt, strength and form are put aside.

    They are put aside only as far as the list does not have them: "Wellbutrin XL 300 mg" is found with its XL.
    """
    for candidate in _readings_of(name):
        for key, without_salt in candidate:
            found = _index().get(key)
            if found is not None:
                return replace(found, typed=name, how=How.SALT if without_salt else found.how)
    return Match(name, None, How.NONE)


@cache
def choices() -> tuple[NameChoice, ...]:
    """Every generic and brand name for a combobox, in alphabetical order of the labels."""
    named: dict[str, NameChoice] = {}
    for row in medicines():
        _offer(named, row.generic, row.brands)
    for treatment in formulary.treatments():
        if treatment.route not in ("device", "talk"):
            _offer(named, treatment.generic, treatment.brands)
    return tuple(sorted(named.values(), key=lambda choice: choice.label.casefold()))


def _offer(named: dict[str, NameChoice], generic: str, brands: Iterable[str]) -> None:
    named.setdefault(key_of(generic), NameChoice(generic, generic))
    for brand in brands:
        named.setdefault(key_of(brand), NameChoice(brand, f"{brand} ({generic})"))


def _readings_of(name: str) -> Iterator[Iterator[tuple[str, bool]]]:
    """The name as typed, then what stands before its first bracket, then what stands in it."""
    yield _keys_of(name)
    before, bracket, inside = name.partition("(")
    if bracket:
        yield _keys_of(before)
        yield _keys_of(inside)


def _keys_of(name: str) -> Iterator[tuple[str, bool]]:
    """Keys to look up, the fullest first, each with whether a salt was put aside."""
    yield key_of(name), False
    words = _WORD.findall(_STRENGTH.sub(" ", name.casefold()))
    if not words:
        return
    for drop in ((), _FORMS, _FORMS | _RELEASES):
        yield _joined(words, drop), False
    for drop in (_SALTS, _SALTS | _FORMS, _SALTS | _FORMS | _RELEASES):
        yield _joined(words, drop), True


def _joined(words: Iterable[str], drop: Iterable[str]) -> str:
    return key_of("".join(word for word in words if word not in drop))


@cache
def _index() -> dict[str, Match]:
    """Every known name by its key; on a clash the list named first in the format wins."""
    index: dict[str, Match] = {"": Match("", None, How.NONE)}
    for name, match in [*_starter_names(), *_member_names(), *_antidepressant_names()]:
        index.setdefault(key_of(name), match)
    del index[""]
    return index


def _starter_names() -> Iterator[tuple[str, Match]]:
    for row in medicines():
        match = _starter_match(row)
        yield row.generic, match
        for brand in row.brands:
            yield brand, replace(match, how=How.BRAND)


def _starter_match(row: MedicineRow) -> Match:
    components = row.components or (row.generic,)
    matched = " + ".join(components) if len(components) > 1 else row.generic
    return Match("", matched, How.EXACT, components, _ordered({*row.rows, *_rows_of(row.generic, *components)}))


def _member_names() -> Iterator[tuple[str, Match]]:
    for member in _memberships().values():
        treatment = formulary.find(member.name)
        if treatment is not None and (parts := _parts_of(treatment)):
            yield member.name, _combination(parts, _rows_of(member.name))
            continue
        molecule = treatment.molecule if treatment else member.name
        components = (molecule if treatment else _bare(member.name),)
        yield member.name, Match("", member.name, How.EXACT, components, _ordered(_rows_of(member.name, molecule)))


def _antidepressant_names() -> Iterator[tuple[str, Match]]:
    for treatment in formulary.treatments():
        match = _antidepressant_match(treatment)
        yield treatment.generic, match
        for brand in treatment.brands:
            yield brand, replace(match, how=How.BRAND)
        for alias in treatment.aliases:
            yield alias, match
        if treatment.is_default_for_molecule:
            yield treatment.molecule, match


def _antidepressant_match(treatment: Treatment) -> Match:
    if parts := _parts_of(treatment):
        return _combination(parts, _rows_of(treatment.generic))
    starter = next((row for name in (treatment.generic, treatment.molecule) if (row := _starter_row(name))), None)
    if starter is not None:
        return _starter_match(starter)
    member = _member_of(treatment)
    rows = _ordered(_rows_of(member or treatment.generic, treatment.molecule))
    return Match("", member or treatment.molecule, How.EXACT, (treatment.molecule,), rows)


def _member_of(treatment: Treatment) -> str | None:
    """The interaction member that a row of the antidepressants stands for, by generic, molecule, or any other name."""
    names = (treatment.generic, treatment.molecule, *treatment.brands, *treatment.aliases)
    return next((found.name for name in names if (found := _memberships().get(key_of(name)))), None)


def _combination(parts: tuple[str, ...], rows: set[str]) -> Match:
    return Match("", " + ".join(parts), How.EXACT, parts, _ordered(rows | _rows_of(*parts)))


def _parts_of(treatment: Treatment) -> tuple[str, ...]:
    """The components that a combination of the antidepressants says in its name; empty for a single drug."""
    parts = tuple(treatment.generic.split("-"))
    are_medicines = all(_starter_row(part) or key_of(part) in _memberships() for part in parts)
    return parts if len(parts) > 1 and are_medicines else ()


@dataclass(frozen=True, slots=True)
class _Member:
    """A member of the interaction table, with every row it stands in."""

    name: str
    rows: tuple[str, ...]


@cache
def _memberships() -> dict[str, _Member]:
    found: dict[str, _Member] = {}
    for row in interactions():
        for name in row.members:
            known = found.get(key_of(name), _Member(name, ()))
            found[key_of(name)] = replace(known, rows=(*known.rows, row.agent))
    for key, rows in unresolved_members().items():
        found[key] = replace(found[key], rows=rows)
    return found


def _rows_of(*names: str) -> set[str]:
    """The interaction rows that any of these names is a member of."""
    return {row for name in names if (member := _memberships().get(key_of(name))) for row in member.rows}


def _starter_row(generic: str) -> MedicineRow | None:
    return _starter_rows().get(key_of(generic))


@cache
def _starter_rows() -> dict[str, MedicineRow]:
    return {key_of(row.generic): row for row in medicines()}


def _ordered(rows: set[str]) -> tuple[str, ...]:
    return tuple(sorted(rows, key=interaction_order().__getitem__))


def _bare(member: str) -> str:
    """A member without its form ("naltrexone oral" is naltrexone), where what is left is a known medicine."""
    words = _WORD.findall(member)
    kept = [word for word in words if word.casefold() not in _QUALIFIERS]
    bare = " ".join(kept)
    is_known = _starter_row(bare) is not None or key_of(bare) in _memberships()
    return bare if len(kept) < len(words) and is_known else member
