"""The questionnaires that are shipped: wording, options, bands and rules, as their data files have them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from intake.domain.data import is_verified, read_document
from intake.domain.errors import DomainError

SHIPPED = ("phq9", "gad7", "pcl5", "peg", "auditc", "drugscreen")
DISCUSS = "discuss"  # "prefer to discuss in person", where an item allows it
DISCUSS_LABEL = "I prefer to discuss this in person"
Answer = int | str | None


@dataclass(frozen=True, slots=True)
class Option:
    """One answer and its points."""

    value: int
    label: str


@dataclass(frozen=True, slots=True)
class Number:
    """An answer that is a number; both ends are in."""

    lowest: int
    highest: int


@dataclass(frozen=True, slots=True)
class Item:
    """One question with options, or a number. A safety item is never imputed; where `can_discuss`, "discuss" counts."""

    code: str
    text: str
    options: tuple[Option, ...]
    is_scored: bool
    is_safety: bool
    can_discuss: bool
    number: Number | None = None

    def takes(self, answer: Answer) -> bool:
        """Whether it is an answer to this question; none at all is one."""
        if answer is None or (answer == DISCUSS and self.can_discuss):
            return True
        if not isinstance(answer, int) or isinstance(answer, bool):
            return False
        if self.number is not None:
            return self.number.lowest <= answer <= self.number.highest
        return any(option.value == answer for option in self.options)


@dataclass(frozen=True, slots=True)
class Band:
    """A range of totals, both ends included, and its name."""

    lowest: int
    highest: int
    label: str


@dataclass(frozen=True, slots=True)
class Cut:
    """From which total on a screen is positive (the limit is in), by sex where it differs.

    From `doubtful_from` on and under the cut, sources disagree.
    """

    at_least: int
    meaning: str
    male: int | None = None
    female: int | None = None
    doubtful_from: int | None = None


@dataclass(frozen=True, slots=True)
class Cluster:
    """A group of items of which so many have to count."""

    code: str
    items: tuple[str, ...]
    needed: int


@dataclass(frozen=True, slots=True)
class DepressionRule:
    """The PHQ-9 algorithm: items that count, one of the core ones among them."""

    counts_from: int
    safety_counts_from: int
    core: tuple[str, ...]
    major: int
    other: int


@dataclass(frozen=True, slots=True)
class Significant:
    """A change that is clinically significant: an end score at most so high after a fall of at least so much."""

    at_most: int
    fall_points: int = 0
    fall_percent: int = 0


@dataclass(frozen=True, slots=True)
class Instrument:
    """A questionnaire as its data file has it; None: no such rule. `is_verified` False: the clinic has to confirm.

    `is_mean`: the score shown is the mean of the items to one decimal, bands are of the sum. `counts_from`: from
    which points on an item counts in a cluster. `high_from`: totals called high. `zero_skips`: after a first item of
    0 the others are not asked and are 0.
    """

    code: str
    title: str
    version: str
    language: str
    stem: str
    items: tuple[Item, ...]
    bands: tuple[Band, ...]
    max_imputed: int
    source: str
    licence: str
    is_verified: bool
    cut: Cut | None = None
    clusters: tuple[Cluster, ...] = ()
    counts_from: int = 0
    depression: DepressionRule | None = None
    high_from: int | None = None
    is_mean: bool = False
    zero_skips: bool = False
    response_fall_percent: int | None = None
    partial_fall_percent: int | None = None
    meaningful_fall_percent: int | None = None
    remission_below: int | None = None
    meaningful_change: int | None = None
    reliable_change: int | None = None
    significant: Significant | None = None

    @property
    def scored(self) -> tuple[Item, ...]:
        """The items that make the total."""
        return tuple(item for item in self.items if item.is_scored)

    @property
    def highest_total(self) -> int:
        """The highest total there is."""
        return sum(item.number.highest if item.number else item.options[-1].value for item in self.scored)

    def item(self, code: str) -> Item:
        """The item of that code; raises `DomainError` for an unknown one."""
        found = next((item for item in self.items if item.code == code), None)
        if found is None:
            raise DomainError("Answer the questions of this questionnaire only", field=code)
        return found

    def band_of(self, total: int) -> Band:
        """The band of a total; raises `DomainError` for a total that has none."""
        found = next((band for band in self.bands if band.lowest <= total <= band.highest), None)
        if found is None:
            raise DomainError(f"A total of this questionnaire lies between 0 and {self.highest_total}")
        return found


@cache
def load(code: str) -> Instrument:
    """The instrument of that code ("phq9"). Raises `DomainError` for one that is not shipped."""
    if code not in SHIPPED:
        raise DomainError("This questionnaire is not available")
    return _instrument(read_document(f"instruments/{code}.json"))


def _instrument(document: dict[str, Any]) -> Instrument:
    told = dict(document)
    options, confidence = told.pop("options"), told.pop("confidence")
    told |= {
        "items": tuple(_item(item, options) for item in told["items"]),
        "bands": tuple(Band(**band) for band in told["bands"]),
        "clusters": tuple(_cluster(cluster) for cluster in told.get("clusters", ())),
        "is_verified": is_verified(confidence),
    }
    for name, kind in (("cut", Cut), ("significant", Significant)):
        if name in told:
            told[name] = kind(**told[name])
    if "depression" in told:
        told["depression"] = DepressionRule(**(told["depression"] | {"core": tuple(told["depression"]["core"])}))
    return Instrument(**told)


def _item(item: dict[str, Any], options: list[dict[str, Any]]) -> Item:
    return Item(
        code=item["code"],
        text=item["text"],
        options=() if "number" in item else tuple(Option(**option) for option in item.get("options", options)),
        is_scored=item.get("scored", True),
        is_safety=item.get("safety", False),
        can_discuss=item.get("discuss", False),
        number=Number(**item["number"]) if "number" in item else None,
    )


def _cluster(cluster: dict[str, Any]) -> Cluster:
    return Cluster(cluster["code"], tuple(cluster["items"]), cluster["needed"])
