"""The clinic's default protocols, planning weights and booster regimes: reviewable data, each value with its source."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from intake.domain.errors import DomainError
from intake.domain.scheduling.booster_signals import Limits
from intake.domain.scheduling.boosters import Density, Regime, Step, step_from_json
from intake.domain.scheduling.reading import protocol_from_json, weights_from_json
from intake.domain.scheduling.values import Protocol, Weights

DATA = Path(__file__).parent.parent / "data" / "protocols.json"


@dataclass(frozen=True, slots=True)
class ProtocolVersion:
    """A protocol with its key, name, version and the source of every value; an order keeps what it was signed with.

    `raw` is the protocol in the planning format and our own keys (`recipes.py`), for storing. `verified` says which
    values were read in their source. `reviewed_by` is None until a medical director signs.
    """

    key: str
    name: str
    version: int
    protocol: Protocol
    sources: Mapping[str, str]
    raw: Mapping[str, Any]
    reviewed_by: str | None
    verified: Mapping[str, bool] = field(default_factory=dict)

    @property
    def stored_sources(self) -> dict[str, dict[str, Any]]:
        """The source of each value and whether it was read there, as a row keeps them."""
        return {name: {"source": text, "verified": self.verified[name]} for name, text in self.sources.items()}


@dataclass(frozen=True, slots=True)
class RegimeVersion:
    """A booster regime with its key, name and version."""

    key: str
    name: str
    version: int
    regime: Regime


def default_protocols() -> tuple[ProtocolVersion, ...]:
    """The protocols that a new clinic begins with."""
    data = _data()
    return tuple(_protocol_version(entry, data["reviewed_by"]) for entry in data["protocols"])


def default_protocol(key: str) -> ProtocolVersion:
    """The default protocol with this key; raises `DomainError` for an unknown one."""
    for version in default_protocols():
        if version.key == key:
            return version
    raise DomainError("There is no protocol of this name.", field="protocol")


def default_weights() -> Weights:
    """The planning weights that a new clinic begins with."""
    return weights_from_json({name: entry["value"] for name, entry in _data()["weights"].items()})


def warn_span_days() -> int:
    """From how many days on a series lies outside the induction window, so that the page warns."""
    return int(_data()["warn_span_days"]["value"])


def booster_density() -> Density:
    """When a page warns of too many boosters."""
    limits = _data()["booster_limits"]
    after = limits["dense_after_days"]
    return Density(limits["dense_per_week"]["value"], after["value"], after["source"])


def booster_limits() -> Limits:
    """The limits by which a PHQ-9 course suggests a booster sooner or later, each with its source."""
    return Limits.of(_data()["booster_signals"])


def protected_starts() -> tuple[tuple[str, ...], int]:
    """For which kinds of session protected starts are kept, and how many hours before they are released."""
    data = _data()["protected_starts"]
    return tuple(data["kinds"]["value"]), int(data["release_hours"]["value"])


def recall_window_days() -> int:
    """How far back the PHQ-9 asks, in days."""
    return int(_data()["recall_window_days"]["value"])


def default_regimes() -> tuple[RegimeVersion, ...]:
    """The booster regimes that an order may name, with the limits after which a new order is due."""
    most = int(_data()["booster_limits"]["max_boosters"]["value"])
    return tuple(
        RegimeVersion(entry["key"], entry["name"], entry["version"], Regime(_steps(entry), _sources(entry), most))
        for entry in _data()["boosters"]
    )


def default_regime(key: str) -> RegimeVersion:
    """The booster regime with this key; raises `DomainError` for an unknown one."""
    for version in default_regimes():
        if version.key == key:
            return version
    raise DomainError("There is no booster regime of this name.", field="regime")


def _protocol_version(entry: Mapping[str, Any], reviewed_by: str | None) -> ProtocolVersion:
    raw = {"name": entry["name"], **{name: value["value"] for name, value in entry["values"].items()}}
    sources = {name: value["source"] for name, value in entry["values"].items()}
    verified = {name: value["verified"] for name, value in entry["values"].items()}
    protocol = protocol_from_json(raw)
    return ProtocolVersion(entry["key"], entry["name"], entry["version"], protocol, sources, raw, reviewed_by, verified)


def _steps(entry: Mapping[str, Any]) -> tuple[Step, ...]:
    return tuple(step_from_json(step) for step in entry["steps"])


def _sources(entry: Mapping[str, Any]) -> str:
    return "; ".join(dict.fromkeys(step["source"] for step in entry["steps"]))


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(DATA.read_text(encoding="utf-8"))
    return loaded
