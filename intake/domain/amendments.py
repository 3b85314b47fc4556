"""Amending an order: what a provider may change of it while it runs, as values before and after. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from intake.domain.clinic_time import day_words
from intake.domain.errors import DomainError
from intake.domain.scheduling.boosters import Regime, step_to_json
from intake.domain.scheduling.clinic_relaxations import LEAST_GAP_DAYS
from intake.domain.scheduling.misses import AfterMiss, MissRule, after_miss
from intake.domain.scheduling.replanning import limit
from intake.domain.scheduling.values import Protocol
from intake.domain.sign_offs import LONGEST_GAP_DAYS, LONGEST_SPAN_DAYS

MOST_AWAY_DAYS = 60


class AmendmentKind(StrEnum):
    """What an amendment changes."""

    PAUSE = "pause"
    CADENCE = "cadence"
    COUNT = "count"
    BOOSTERS = "boosters"
    SITE = "site"
    AWAY = "away"
    LIMITS = "limits"


@dataclass(frozen=True, slots=True)
class Terms:
    """What an order says beside its dose, as planning needs it. `restarts`: the dates at which pauses end.

    `limits` holds the keys of `LIMITS` that were widened; `away` the dates at which the patient cannot come.
    """

    protocol_id: UUID
    infusions: int
    site_id: UUID | None
    regime: Mapping[str, Any]
    restarts: tuple[date, ...] = ()
    limits: Mapping[str, int] = field(default_factory=dict)
    away: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Amendment:
    """One amendment as it comes from the form: its kind, and the values that this kind needs.

    `limits` may come with every kind: what the provider allows beyond the protocol in the same signature. `is_asked`:
    it answers the desk, and may then allow what holds already: the provider has looked.
    """

    kind: AmendmentKind
    reason: str
    after: int | None = None
    restart_on: date | None = None
    protocol_id: UUID | None = None
    infusions: int | None = None
    regime: Mapping[str, Any] | None = None
    site_id: UUID | None = None
    away_from: date | None = None
    away_to: date | None = None
    limits: Mapping[str, int] = field(default_factory=dict)
    is_asked: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a series is: the dates of what is given or stays (in order), and of what is booked to come."""

    given: tuple[date, ...]
    coming: tuple[date, ...]
    today: date
    expires_on: date


def amended(terms: Terms, change: Amendment, progress: Progress, protocol: Protocol) -> Terms:
    """The terms after an amendment. `protocol` is the recipe that holds afterwards, before its limits are widened.

    Raises `DomainError` beside the field for what cannot be: an amendment that changes nothing, a count below what
    is given, a restart before the last infusion that stays or after the order's end.
    """
    if not change.reason.strip():
        raise DomainError("Write why the order is amended.", field="reason")
    changed = _CHANGES[change.kind](terms, change, progress, protocol)
    limits = {**changed.limits, **_read_limits(change.limits)}
    is_answer = change.kind is AmendmentKind.LIMITS and change.is_asked and bool(change.limits)
    if change.kind is AmendmentKind.LIMITS and limits == dict(terms.limits) and not is_answer:
        raise DomainError("Enter what is allowed beyond the protocol.", field="max_gap_days")
    changed = replace(changed, limits=limits)
    if changed == terms and not is_answer:
        raise DomainError("This is what the order says already.")
    return changed


def regime_json(regime: Regime, name: str) -> dict[str, Any]:
    """A regime as an order keeps it."""
    steps = [step_to_json(step) for step in regime.steps]
    return {"name": name, "steps": steps, "source": regime.source, "max_boosters": regime.max_boosters}


def cautions(change: Amendment, terms: Terms, progress: Progress, rule: MissRule | None) -> list[str]:
    """What the provider should know before signing; none of it forbids. `rule`: what a miss does, by the protocol."""
    found = []
    gap = (change.restart_on - progress.given[-1]).days if change.restart_on and progress.given else 0
    if rule is not None and after_miss(rule, gap) is AfterMiss.NEW_SCREEN:
        words = f"More than {rule.screen_over_days} days without an infusion"
        found.append(f"{words}: a new screen and a new series is usual.")
    least, most = limit("fewest_usual"), limit("most_usual")
    if change.kind is AmendmentKind.COUNT and not least <= terms.infusions <= most:
        found.append(f"A series has {least} to {most} infusions as a rule (McInnes 2022).")
    return found


def spans_for(protocol: Protocol, infusions: int) -> dict[str, int]:
    """The spans of a series with another number of infusions: in proportion, never longer than the usual most."""
    if infusions == protocol.infusions or protocol.infusions < 2:
        return {}
    gaps, usual = max(infusions - 1, 0), protocol.infusions - 1
    longest = max(protocol.max_span_days, min(limit("longest_span_days"), -(-protocol.max_span_days * gaps // usual)))
    return {"min_span_days": protocol.min_span_days * gaps // usual, "max_span_days": longest}


def _paused(terms: Terms, change: Amendment, progress: Progress, protocol: Protocol) -> Terms:
    if change.after is None or not len(progress.given) <= change.after < terms.infusions:
        words = f"Enter a number from {len(progress.given)} (given so far) to {terms.infusions - 1}."
        raise DomainError(words, field="after")
    restart = _future(change.restart_on, progress, "restart_on")
    kept = [*progress.given, *progress.coming][: change.after]
    gap = min(protocol.gap_points, default=LEAST_GAP_DAYS)
    if kept and restart < kept[-1] + timedelta(days=gap):
        raise DomainError(f"Infusion {len(kept)} is on {day_words(kept[-1])}: restart later.", field="restart_on")
    return replace(terms, restarts=(*(day for day in terms.restarts if day <= progress.today), restart))


def _cadence(terms: Terms, change: Amendment, progress: Progress, protocol: Protocol) -> Terms:
    if change.protocol_id is None:
        raise DomainError("Choose a protocol.", field="protocol")
    kept = {name: value for name, value in terms.limits.items() if name == "max_gap_days"}
    return replace(terms, protocol_id=change.protocol_id, limits=kept | spans_for(protocol, terms.infusions))


def _counted(terms: Terms, change: Amendment, progress: Progress, protocol: Protocol) -> Terms:
    least, most = max(len(progress.given), 1), limit("most")
    if change.infusions is None or not least <= change.infusions <= most:
        raise DomainError(f"Enter a number from {least} to {most}.", field="infusions")
    limits = {**terms.limits, **spans_for(protocol, change.infusions)}
    return replace(terms, infusions=change.infusions, limits=limits)


def _boosted(terms: Terms, change: Amendment, progress: Progress, protocol: Protocol) -> Terms:
    if change.regime is None:
        raise DomainError("Choose how boosters follow.", field="regime")
    return replace(terms, regime=dict(change.regime))


def _elsewhere(terms: Terms, change: Amendment, progress: Progress, protocol: Protocol) -> Terms:
    if change.site_id is None:
        raise DomainError("Choose a site.", field="site")
    return replace(terms, site_id=change.site_id)


def _travelling(terms: Terms, change: Amendment, progress: Progress, protocol: Protocol) -> Terms:
    first = _future(change.away_from, progress, "away_from")
    last = _future(change.away_to, progress, "away_to")
    if last < first or (last - first).days >= MOST_AWAY_DAYS:
        raise DomainError(f"The last day away lies before the first, or {MOST_AWAY_DAYS} days on.", field="away_to")
    days = {first + timedelta(days=ahead) for ahead in range((last - first).days + 1)}
    return replace(terms, away=terms.away | days)


def _widened(terms: Terms, change: Amendment, progress: Progress, protocol: Protocol) -> Terms:
    return terms


_CHANGES = {
    AmendmentKind.PAUSE: _paused,
    AmendmentKind.CADENCE: _cadence,
    AmendmentKind.COUNT: _counted,
    AmendmentKind.BOOSTERS: _boosted,
    AmendmentKind.SITE: _elsewhere,
    AmendmentKind.AWAY: _travelling,
    AmendmentKind.LIMITS: _widened,
}


def _future(day: date | None, progress: Progress, field_name: str) -> date:
    if day is None or day <= progress.today:
        raise DomainError("Enter a day after today.", field=field_name)
    if day > progress.expires_on:
        raise DomainError(f"The order ends on {day_words(progress.expires_on)}.", field=field_name)
    return day


def _read_limits(limits: Mapping[str, int]) -> dict[str, int]:
    bounds = {
        "max_gap_days": (LEAST_GAP_DAYS, LONGEST_GAP_DAYS),
        "max_span_days": (1, LONGEST_SPAN_DAYS),
        "min_span_days": (0, LONGEST_SPAN_DAYS),
        "max_in_7_days": (1, 4),
    }
    for name, value in limits.items():
        least, most = bounds[name]
        if not least <= value <= most:
            raise DomainError(f"Enter a number from {least} to {most}.", field=name)
    return dict(limits)
