"""The lists of medicines and of interactions, as typed rows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from intake.domain.data import is_verified, names_in, read_table

UNRECOGNISED = "Unrecognised medicine name"
_NO_BRAND = "various"  # stands in the starter list where no single brand is meant
_NOT_ALNUM = re.compile(r"[\W_]+")


class Severity(StrEnum):
    """What a finding asks for, the most urgent first."""

    STOP = "stop"
    CLEARANCE = "clearance"
    CAUTION = "caution"
    NOTE = "note"


_SEVERITY = {
    "contraindicated": Severity.STOP,
    "hold-for-provider": Severity.CLEARANCE,
    "caution": Severity.CAUTION,
    "note": Severity.NOTE,
}


@dataclass(frozen=True, slots=True)
class InteractionRow:
    """One agent or class beside ketamine: what it does, what the provider does, and where that was read."""

    agent: str
    members: tuple[str, ...]
    effect: str
    severity: Severity
    action: str
    mechanism: str
    source: str
    confidence: str

    @property
    def is_verified(self) -> bool:
        """Whether the row was read in its source."""
        return is_verified(self.confidence)


@dataclass(frozen=True, slots=True)
class MedicineRow:
    """One medicine or product of the starter list. `rows` names interaction rows."""

    generic: str
    brands: tuple[str, ...]
    drug_class: str
    rows: tuple[str, ...]
    components: tuple[str, ...]
    source: str
    confidence: str


def key_of(name: str) -> str:
    """A name without case, spacing and punctuation, for comparing."""
    return _NOT_ALNUM.sub("", name.casefold())


@cache
def interactions() -> tuple[InteractionRow, ...]:
    """Every interaction row, in the order of its file, which is the order findings are shown in."""
    return tuple(
        InteractionRow(
            agent=row["agent_or_class"],
            members=names_in(row["members"]) if row["agent_or_class"] != UNRECOGNISED else (),
            effect=row["effect"],
            severity=_SEVERITY[row["severity"]],
            action=row["provider_action"],
            mechanism=row["mechanism"],
            source=row["evidence_source"],
            confidence=row["confidence"],
        )
        for row in read_table("interactions.csv")
    )


@cache
def medicines() -> tuple[MedicineRow, ...]:
    """Every product of the starter list, in the order of its file."""
    return tuple(
        MedicineRow(
            generic=row["generic"],
            brands=tuple(name for name in names_in(row["us_brand_names"]) if name != _NO_BRAND),
            drug_class=row["class"],
            rows=names_in(row["interaction_rows"]),
            components=names_in(row["components"]),
            source=row["source"],
            confidence=row["confidence"],
        )
        for row in read_table("medicines.csv")
    )


@cache
def unresolved_members() -> dict[str, tuple[str, ...]]:
    """Members that stand in no list of names, by key, with their interaction rows."""
    return {key_of(row["member"]): names_in(row["rows"]) for row in read_table("unresolved-members.csv")}


@dataclass(frozen=True, slots=True)
class FurtherName:
    """A name that stands in none of the three lists, and the medicines that it means."""

    name: str
    means: tuple[str, ...]
    is_brand: bool
    source: str
    confidence: str


@cache
def further_names() -> tuple[FurtherName, ...]:
    """Brands and everyday names for members that the lists know by the member name alone."""
    return tuple(
        FurtherName(name, names_in(row["means"]), row["kind"] == "brand", row["source"], row["confidence"])
        for row in read_table("further-names.csv")
        for name in names_in(row["names"])
    )


@cache
def further_components() -> dict[str, tuple[str, ...]]:
    """What medicines without components in the starter list are made of, by key. They change no matched name."""
    return {key_of(row["name"]): names_in(row["components"]) for row in read_table("further-components.csv")}


@cache
def interaction_order() -> dict[str, int]:
    """The place of each interaction row, by its name."""
    return {row.agent: place for place, row in enumerate(interactions())}
