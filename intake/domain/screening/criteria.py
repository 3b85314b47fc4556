"""What a score says beside its band: a cut, provisional clusters, the PHQ-9 algorithm, a change. Never a diagnosis.

Source of every rule: instruments; the numbers stand in the data file of each questionnaire.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from intake.domain.screening.instruments import has_fallen, is_partial_response, is_remission, is_response
from intake.domain.screening.questionnaires import Answer, Cluster, DepressionRule, Instrument


class Sex(StrEnum):
    """By which a cut may differ."""

    MALE = "male"
    FEMALE = "female"


class Depression(StrEnum):
    """What the PHQ-9 algorithm screens for."""

    MAJOR = "major"
    OTHER = "other"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ClusterFound:
    """How many items of a cluster count. `is_met` None: what is missing could decide it."""

    cluster: Cluster
    counted: int
    is_met: bool | None


@dataclass(frozen=True, slots=True)
class Change:
    """From an earlier score to this one; a fall is negative. `percent` is None from a baseline of 0."""

    points: float
    percent: int | None
    words: tuple[str, ...]


def cut_of(instrument: Instrument, sex: Sex | None = None) -> int | None:
    """The total from which the screen is positive; without the sex the lower one."""
    cut = instrument.cut
    if cut is None:
        return None
    by_sex = cut.male if sex is Sex.MALE else cut.female if sex is Sex.FEMALE else None
    return by_sex or cut.at_least


def is_positive(instrument: Instrument, total: int | None, sex: Sex | None = None) -> bool | None:
    """Whether the cut is reached; None without a total or a cut, and where published cuts disagree."""
    least = cut_of(instrument, sex)
    if least is None or total is None or instrument.cut is None:
        return None
    doubtful = instrument.cut.doubtful_from
    if total < least and doubtful is not None and total >= doubtful:
        return None
    return total >= least


def clusters_of(instrument: Instrument, points: Mapping[str, Answer]) -> tuple[ClusterFound, ...]:
    """Each cluster with the number of its items at or above the limit."""
    return tuple(_cluster(instrument, cluster, points) for cluster in instrument.clusters)


def is_provisional(found: tuple[ClusterFound, ...]) -> bool | None:
    """Whether every cluster is met; None where what is missing could decide it, or without clusters."""
    if not found or (any(one.is_met is None for one in found) and all(one.is_met is not False for one in found)):
        return None
    return all(one.is_met for one in found)


def depression_of(instrument: Instrument, points: Mapping[str, Answer]) -> Depression | None:
    """The PHQ-9 algorithm; None where what is missing could change it, or for another questionnaire."""
    rule = instrument.depression
    if rule is None:
        return None
    least = _depression(instrument, rule, points, counts_missing=False)
    most = _depression(instrument, rule, points, counts_missing=True)
    return least if least is most else None


def change_of(instrument: Instrument, baseline: float, value: float) -> Change:
    """The change from an earlier score, with the words that its rules have for it."""
    points = round(value - baseline, 1)
    percent = round(100 * points / baseline) if baseline > 0 else None
    return Change(points, percent, tuple(_change_words(instrument, baseline, value, -points)))


def notes_of(instrument: Instrument, points: Mapping[str, Answer], total: int | None, sex: Sex | None) -> list[str]:
    """What a provider should know beside the score."""
    notes = []
    if instrument.cut is not None and total is not None and is_positive(instrument, total, sex) is None:
        notes.append(instrument.cut.meaning)
    if instrument.high_from is not None and total is not None and total >= instrument.high_from:
        notes.append(f"{instrument.high_from} or more is high")
    first, *others = points.values()
    is_first_alone = instrument.zero_skips and bool(first) and all(answer == 0 for answer in others)
    if is_first_alone and is_positive(instrument, total, sex):
        notes.append("All points are from the first question: usually below the limits of drinking")
    return notes


def _cluster(instrument: Instrument, cluster: Cluster, points: Mapping[str, Answer]) -> ClusterFound:
    known = [answer for code in cluster.items if isinstance(answer := points[code], int)]
    counted = sum(answer >= instrument.counts_from for answer in known)
    if counted >= cluster.needed:
        return ClusterFound(cluster, counted, True)
    could_be = counted + len(cluster.items) - len(known) >= cluster.needed
    return ClusterFound(cluster, counted, None if could_be else False)


def _depression(
    instrument: Instrument, rule: DepressionRule, points: Mapping[str, Answer], *, counts_missing: bool
) -> Depression:
    counted = set()
    for item in instrument.scored:
        answer = points[item.code]
        least = rule.safety_counts_from if item.is_safety else rule.counts_from
        if answer >= least if isinstance(answer, int) else counts_missing:
            counted.add(item.code)
    if len(counted) < rule.other or not counted.intersection(rule.core):
        return Depression.NONE
    return Depression.MAJOR if len(counted) >= rule.major else Depression.OTHER


def _change_words(instrument: Instrument, baseline: float, value: float, fall: float) -> Iterator[str]:
    if is_response(instrument, baseline, value):
        yield "response"
    if is_partial_response(instrument, baseline, value):
        yield "partial response"
    if is_remission(instrument, value):
        yield "remission"
    points, percent = instrument.meaningful_change, instrument.meaningful_fall_percent
    if (points is not None and fall >= points) or has_fallen(baseline, value, percent):
        yield "meaningful"
    if instrument.reliable_change is not None and fall >= instrument.reliable_change:
        yield "reliable"
    if _is_significant(instrument, baseline, value, fall):
        yield "clinically significant"


def _is_significant(instrument: Instrument, baseline: float, value: float, fall: float) -> bool:
    rule = instrument.significant
    if rule is None or value > rule.at_most:
        return False
    return fall >= rule.fall_points and has_fallen(baseline, value, rule.fall_percent)
