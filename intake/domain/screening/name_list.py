"""One list of medicine names and what each means: starter list, interaction members, antidepressants.

On a clash the list named first wins. Source: medicines-format, Names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache

from intake.domain.history import formulary
from intake.domain.history.formulary import Treatment
from intake.domain.screening.name_words import QUALIFIERS, words_of
from intake.domain.screening.sources import (
    MedicineRow,
    further_components,
    further_names,
    interaction_order,
    interactions,
    key_of,
    medicines,
    unresolved_members,
)


class How(StrEnum):
    """How a name was found."""

    EXACT = "exact"
    BRAND = "brand"
    SALT = "salt"
    SPELLING = "spelling"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Match:
    """What a typed name means. `matched` is None when nothing fits.

    `components` are the molecules of the product, `rows` the names of its interaction rows, in their order. `read_as`
    is the listed name that a misspelled one was read as, else None: whoever shows the match shows that too.
    """

    typed: str
    matched: str | None
    how: How
    components: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    read_as: str | None = None


@cache
def listed() -> dict[str, tuple[str, Match]]:
    """Every known name by its key, as the list writes it, with its meaning; the list named first wins."""
    index: dict[str, tuple[str, Match]] = {"": ("", Match("", None, How.NONE))}
    for name, match in [*_starter_names(), *_member_names(), *_antidepressant_names(), *_further_names()]:
        index.setdefault(key_of(name), (name, match))
    del index[""]
    return index


@cache
def products() -> dict[frozenset[str], Match]:
    """The products of several components, by the keys of their components in any order."""
    found: dict[frozenset[str], Match] = {}
    for _, match in listed().values():
        if match.matched and len(match.components) > 1 and not {"+", "-"}.isdisjoint(match.matched):
            found.setdefault(frozenset(map(key_of, match.components)), match)
    return found


def _starter_names() -> Iterator[tuple[str, Match]]:
    for row in medicines():
        match = _starter_match(row)
        yield row.generic, match
        for brand in row.brands:
            yield brand, replace(match, how=How.BRAND)


def _starter_match(row: MedicineRow) -> Match:
    matched = " + ".join(row.components) if len(row.components) > 1 else row.generic
    components = row.components or _further(row.generic) or (row.generic,)
    return Match("", matched, How.EXACT, components, _ordered({*row.rows, *_rows_of(row.generic, *components)}))


def _member_names() -> Iterator[tuple[str, Match]]:
    for member in _memberships().values():
        treatment = formulary.find(member.name)
        if treatment is not None and (parts := _parts_of(treatment)):
            yield member.name, _combination(parts, _rows_of(member.name))
            continue
        molecule = treatment.molecule if treatment else member.name
        components = _further(member.name) or (molecule if treatment else _bare(member.name),)
        rows = _rows_of(member.name, molecule, *_further(member.name))
        yield member.name, Match("", member.name, How.EXACT, components, _ordered(rows))


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


def _further_names() -> Iterator[tuple[str, Match]]:
    known = {
        key_of(name): match for name, match in [*_starter_names(), *_member_names(), *_antidepressant_names()][::-1]
    }
    for further in further_names():
        how = How.BRAND if further.is_brand else How.EXACT
        meant = [known[key_of(name)] for name in further.means]
        if len(meant) == 1:
            yield further.name, replace(meant[0], how=how)
        else:
            components = tuple(component for match in meant for component in match.components)
            yield further.name, replace(_combination(components, set()), how=how)


def _further(name: str) -> tuple[str, ...]:
    return further_components().get(key_of(name), ())


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
    words = words_of(member)
    kept = [word for word in words if word.casefold() not in QUALIFIERS]
    bare = " ".join(kept)
    is_known = _starter_row(bare) is not None or key_of(bare) in _memberships()
    return bare if len(kept) < len(words) and is_known else member
