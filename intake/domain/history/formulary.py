"""Prior treatments that can be rated: names, lowest adequate dose, least weeks, and where each number was read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache

from intake.domain.data import is_verified, names_in, read_table
from intake.domain.screening.sources import interactions, key_of, medicines

_DECIMALS = 9  # takes off what multiplying floats leaves behind
_RAPID_ACTING = frozenset({"esketamine", "ketamine", "zuranolone", "brexanolone"})


class Kind(StrEnum):
    """What a treatment counts as."""

    ANTIDEPRESSANT = "antidepressant"
    AUGMENTATION = "augmentation"
    NEUROMODULATION = "neuromodulation"
    PSYCHOTHERAPY = "psychotherapy"
    RECORD_ONLY = "record only"
    NOT_COUNTED = "not counted"


_RATED = (Kind.ANTIDEPRESSANT, Kind.AUGMENTATION, Kind.NEUROMODULATION)


@dataclass(frozen=True, slots=True)
class Treatment:
    """One row of antidepressants.csv.

    Doses are in the row's own unit (`dose_unit`), most of them mg per day. None: the row names no such limit.
    """

    generic: str
    brands: tuple[str, ...]
    drug_class: str
    route: str
    min_mg_per_day: float | None
    max_mg_per_day: float | None
    min_weeks: float | None
    dose_basis: str
    source: str
    confidence: str
    dose_unit: str
    kind: Kind
    notes: str
    molecule: str
    aliases: tuple[str, ...]
    is_default_for_molecule: bool
    min_sessions: int | None

    @property
    def is_verified(self) -> bool:
        """Whether the row's numbers were read in their source; otherwise the clinic has to confirm them."""
        return is_verified(self.confidence)

    @property
    def is_rated(self) -> bool:
        """Whether a trial of it can get a verdict other than not-rated (rule 2)."""
        return self.kind in _RATED

    @property
    def is_rapid_acting(self) -> bool:
        """Esketamine, ketamine, zuranolone and brexanolone are counted apart."""
        return self.molecule in _RAPID_ACTING

    def is_default_of(self, name: str) -> bool:
        """Whether a name is the bare molecule, of which this row is one of several and was taken by default."""
        return name != self.generic and self._has_other_name_than_molecule and key_of(name) == key_of(self.molecule)

    @property
    def _has_other_name_than_molecule(self) -> bool:
        return self.is_default_for_molecule and self.generic != self.molecule

    def is_above_maximum(self, mg_per_day: float, *, times: int) -> bool:
        """Whether a dose is above so many times the usual maximum; that figure itself is not, nor where none is."""
        if self.max_mg_per_day is None:
            return False
        limit = times * self.max_mg_per_day
        return mg_per_day > limit and mg_per_day > round(limit, _DECIMALS)


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of the list that a patient picks from. Both `name` and `label` are understood by `find`."""

    name: str
    label: str
    generic: str


@lru_cache(maxsize=4096)
def find(name: str) -> Treatment | None:
    """The row that a name means: generic, brand, alias or a label of `choices`; case, spaces, punctuation free.

    A bare molecule means its default row. None: no row of this table has that name.
    """
    return _index().get(key_of(name))


def is_known_elsewhere(name: str) -> bool:
    """Whether the name is a medicine of the starter list or of the interactions, so known but not rated here."""
    return key_of(name) in _other_names()


@cache
def treatments() -> tuple[Treatment, ...]:
    """Every row, in the order of the file."""
    return tuple(_treatment(row) for row in read_table("antidepressants.csv"))


@cache
def choices() -> tuple[Choice, ...]:
    """Generic and brand names for a combobox or a plain list, in alphabetical order of their labels."""
    found = [Choice(t.generic, t.generic, t.generic) for t in treatments()]
    found += [Choice(brand, f"{brand} ({t.generic})", t.generic) for t in treatments() for brand in t.brands]
    return tuple(sorted(found, key=lambda choice: choice.label.casefold()))


@cache
def _index() -> dict[str, Treatment]:
    index: dict[str, Treatment] = {}
    for names in (_generics, _brands, _aliases, _molecules, _labels):
        for treatment in treatments():
            for name in names(treatment):
                index.setdefault(key_of(name), treatment)
    return index


def _generics(treatment: Treatment) -> tuple[str, ...]:
    return (treatment.generic,)


def _brands(treatment: Treatment) -> tuple[str, ...]:
    return treatment.brands


def _aliases(treatment: Treatment) -> tuple[str, ...]:
    return treatment.aliases


def _molecules(treatment: Treatment) -> tuple[str, ...]:
    return (treatment.molecule,) if treatment.is_default_for_molecule else ()


def _labels(treatment: Treatment) -> tuple[str, ...]:
    return tuple(f"{brand} ({treatment.generic})" for brand in treatment.brands)


@cache
def _other_names() -> frozenset[str]:
    names = {key_of(name) for row in medicines() for name in (row.generic, *row.brands)}
    return frozenset(names | {key_of(member) for row in interactions() for member in row.members})


def _treatment(row: dict[str, str]) -> Treatment:
    return Treatment(
        generic=row["generic"],
        brands=names_in(row["us_brand_names"]),
        drug_class=row["class"],
        route=row["route"],
        min_mg_per_day=_number(row["min_adequate_daily_dose_mg"]),
        max_mg_per_day=_number(row["usual_max_daily_dose_mg"]),
        min_weeks=_number(row["min_adequate_weeks"]),
        dose_basis=row["dose_basis"],
        source=row["source"],
        confidence=row["confidence"],
        dose_unit=row["dose_unit"],
        kind=Kind(row["counts_as"]),
        notes=row["notes"],
        molecule=row["molecule"],
        aliases=names_in(row["aliases"]),
        is_default_for_molecule=row["default_for_molecule"] == "yes",
        min_sessions=int(row["min_sessions"]) if row["min_sessions"] else None,
    )


def _number(cell: str) -> float | None:
    return float(cell) if cell else None
