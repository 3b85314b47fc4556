"""Questions to the simulation: which way of booking, and what one more chair, nurse or day would change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from enum import StrEnum

from intake.domain.scheduling.values import Chair, Protocol, Shift, Site, Weights
from intake.domain.simulation.draws import Assumptions, Draws
from intake.domain.simulation.figures import Figures, figures_of
from intake.domain.simulation.ways import ByHand, NextFree, Planner, Way
from intake.domain.simulation.year import Year

SATURDAY = 5
NURSE_UNITS = 2
Progress = Callable[[float], bool]
"""Hears the share that is done, from 0 to 1; False ends the run."""


class Change(StrEnum):
    """What a manager may ask about."""

    CHAIR = "chair"
    NURSE = "nurse"
    SATURDAY = "saturday"


class Ended(Exception):
    """The run was ended before it was done."""


def changed(site: Site, change: Change) -> Site:
    """The site with one more chair, a nurse more whenever it is open, or Saturdays worked as the last open weekday."""
    if change is Change.CHAIR:
        return replace(site, chairs=(*site.chairs, Chair("one more")))
    if change is Change.NURSE:
        return replace(site, monitoring=(*site.monitoring, *_nurse(site)))
    last = max(day for day in site.hours if day != SATURDAY) if set(site.hours) - {SATURDAY} else SATURDAY
    return replace(
        site,
        hours=dict(site.hours) | {SATURDAY: site.hours[last]},
        monitoring=_also_on(site.monitoring, last),
        provider=None if site.provider is None else _also_on(site.provider, last),
        no_start=_also_on(site.no_start, last),
        protected=_also_on(site.protected, last),
    )


def compare_ways(
    site: Site, protocol: Protocol, weights: Weights, assumptions: Assumptions, progress: Progress = lambda _: True
) -> list[Figures]:
    """The same year under the planner, a good desk by hand, and the next free time."""
    draws = Draws(site, assumptions)
    ways: Sequence[Way] = (Planner(protocol, weights), ByHand(protocol), NextFree(protocol))
    return [_played(site, protocol, draws, way, _part(progress, n, len(ways))) for n, way in enumerate(ways)]


def compare_sites(
    site: Site,
    protocol: Protocol,
    weights: Weights,
    assumptions: Assumptions,
    change: Change,
    progress: Progress = lambda _: True,
) -> list[Figures]:
    """The same people under the planner at the site as it is, and with one change. Raises `Ended` when it is ended."""
    draws, found = Draws(site, assumptions), []
    for number, (name, at) in enumerate((("as today", site), (f"with {_NAMES[change]}", changed(site, change)))):
        played = _played(at, protocol, draws, Planner(protocol, weights), _part(progress, number, 2))
        found.append(replace(played, way=name))
    return found


_NAMES = {Change.CHAIR: "one more chair", Change.NURSE: "one more nurse", Change.SATURDAY: "open Saturdays"}


def _played(site: Site, protocol: Protocol, draws: Draws, way: Way, progress: Progress) -> Figures:
    is_whole = True

    def go_on(share: float) -> bool:
        nonlocal is_whole
        is_whole = progress(share)
        return is_whole

    tally = Year(site, protocol, draws, way).play(go_on)
    if not is_whole:
        raise Ended
    return figures_of(tally, protocol)


def _part(progress: Progress, number: int, parts: int) -> Progress:
    return lambda share: progress((number + share) / parts)


def _nurse(site: Site) -> Iterable[Shift]:
    for weekday, spans in site.hours.items():
        for start, end in spans:
            yield Shift(frozenset({weekday}), start, end, NURSE_UNITS)


def _also_on(shifts: Iterable[Shift], like: int) -> tuple[Shift, ...]:
    return tuple(
        replace(shift, days=shift.days | {SATURDAY} if like in shift.days else shift.days - {SATURDAY})
        for shift in shifts
    )
