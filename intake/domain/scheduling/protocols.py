"""The clinic's default protocols and planning weights, from reviewable data."""

from __future__ import annotations

from dataclasses import dataclass

from intake.domain.scheduling.values import Protocol, Weights


@dataclass(frozen=True, slots=True)
class ProtocolVersion:
    """A protocol with its key, name, version and the source of every value."""

    key: str
    name: str
    version: int
    protocol: Protocol
    sources: dict[str, str]


def default_protocols() -> tuple[ProtocolVersion, ...]:
    """The protocols that a new clinic begins with."""
    raise NotImplementedError


def default_weights() -> Weights:
    """The planning weights that a new clinic begins with."""
    raise NotImplementedError
