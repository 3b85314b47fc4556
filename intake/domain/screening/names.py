"""One list of medicine names: starter list, interaction members, antidepressants. No spelling correction yet."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
    """Find a medicine by what a person typed; case, punctuation, salt, strength and form are put aside."""
    raise NotImplementedError


def choices() -> tuple[NameChoice, ...]:
    """Every generic and brand name for a combobox, in alphabetical order of the labels."""
    raise NotImplementedError
