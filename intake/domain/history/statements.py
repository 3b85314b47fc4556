"""The statement that the counts make, in codes and in words. Source: trial-adequacy, section 3 and its decisions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum

from intake.domain.history.counting import Counts, Judged, Pairs, groups
from intake.domain.history.trials import Settings

BIPOLAR_NOTE = "Unipolar TRD definitions do not apply; provider to judge"
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_TIMES = {2: "twice", 3: "three times"}


class Statement(StrEnum):
    """The statement on the history as entered; the first that fits stands."""

    TWO_FAILED_STRICT = "two-failed-strict"
    TWO_FAILED = "two-failed"
    ONE_PLUS_AUGMENTATION = "one-plus-augmentation"
    COULD_BE = "could-be"
    EARLIER_ONLY = "earlier-only"
    NOT_SHOWN = "not-shown"


_TEXTS = {
    Statement.TWO_FAILED_STRICT: "Entered history meets the 2-failed-trials definition of TRD, "
    "including the strict under-25% form",
    Statement.TWO_FAILED: "Meets 2-failed-trials (under 50%) definition; strict form not met: partial responses",
    Statement.ONE_PLUS_AUGMENTATION: "One failed antidepressant plus failed augmentation/neuromodulation: meets "
    "lifetime antidepressant-or-augmentation rule used in some trials, not the label-style definition",
    Statement.COULD_BE: "Could meet definition if the listed unclear trials are settled",
    Statement.EARLIER_ONLY: "Failed trials in earlier episodes only",
    Statement.NOT_SHOWN: "Entered history does not show two adequate failed trials",
}
_PARTLY_EARLIER = "Failed trials partly in earlier episodes"


def statement_of(counts: Counts) -> Statement:
    """The first row of section 3's table that fits."""
    failed = counts.adequate_failed
    if failed >= 2:
        return Statement.TWO_FAILED_STRICT if counts.strict >= 2 else Statement.TWO_FAILED
    if failed == 1 and counts.augmentation_failed + counts.neuromodulation_failed >= 1:
        return Statement.ONE_PLUS_AUGMENTATION
    if failed + counts.indeterminate >= 2:
        return Statement.COULD_BE
    return Statement.EARLIER_ONLY if counts.lifetime >= 2 else Statement.NOT_SHOWN


def text_of(statement: Statement, counts: Counts, *, is_bipolar: bool) -> str:
    """The statement as a provider reads it; the bipolar line is added to it."""
    is_partly = statement is Statement.EARLIER_ONLY and counts.adequate_failed == 1
    text = _PARTLY_EARLIER if is_partly else _TEXTS[statement]
    return f"{text}. {BIPOLAR_NOTE}" if is_bipolar else text


def first_line_of(judged: Sequence[Judged], counts: Counts, overlaps: Pairs, settings: Settings) -> str:
    """One sentence that a doctor would dictate, with the rule that was used."""
    failed = [each for each in judged if each.is_current and each.is_failed_antidepressant]
    noun = "trial" if counts.adequate_failed == 1 else "trials"
    told = _list(_names(failed, overlaps))
    names = f", {told}" if told else ""
    earlier = counts.lifetime - counts.adequate_failed
    parts = [
        f"{_number(counts.adequate_failed).capitalize()} adequate failed {noun} in this episode{names}",
        f"{_number(counts.indeterminate)} unclear" if counts.indeterminate else "",
        f"{_number(earlier)} in earlier episodes" if earlier > 0 else "",
        _also("augmentation", counts.augmentation_failed),
        _also("neuromodulation", counts.neuromodulation_failed),
        _also("rapid-acting treatment", counts.rapid_acting_failed),
        f"rule {settings.in_words()}",
    ]
    return "; ".join(part for part in parts if part)


def _names(failed: Sequence[Judged], overlaps: Pairs) -> list[str]:
    """Each medicine that counts, what counts together in one."""
    generic: dict[str, str] = {}
    for each in failed:
        generic.setdefault(each.molecule, each.judgement.name)
    times = Counter(each.molecule for each in failed)
    told = {
        name: generic[name] + (f" (tried {_TIMES.get(n, f'{n} times')})" if n > 1 else "") for name, n in times.items()
    }
    return [" together with ".join(told[molecule] for molecule in group) for group in groups(failed, overlaps)]


def _also(noun: str, number: int) -> str:
    return f"{_number(number)} failed {noun}{'s' if number > 1 else ''}" if number else ""


def _list(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _number(number: int) -> str:
    return _NUMBERS[number] if number < len(_NUMBERS) else str(number)
