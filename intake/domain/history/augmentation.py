"""Rule 16: an augmentation that failed is tested against the antidepressant that it was added to.

Source: trial-adequacy, rule 16; where a dose without dates lies: history-format, "Weeks at dose".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from intake.domain.history.formulary import Kind, Treatment, find
from intake.domain.history.placing import has_any_date, reaches_of
from intake.domain.history.trials import DoseSegment, Judgement, MedicationTrial, Verdict
from intake.domain.history.weeks import is_at_dose
from intake.domain.history.wording import minimum_dose

RULE = 16


@dataclass(frozen=True, slots=True)
class _Base:
    """The antidepressant under an agent, and the doses of it that count."""

    row: Treatment
    doses: tuple[DoseSegment, ...]
    is_taken_as_together: bool  # dates are missing


def tested(
    judgement: Judgement, agent: MedicationTrial, trials: Mapping[str, MedicationTrial], *, as_of: date
) -> Judgement:
    """The judgement on a trial after rule 16; one that the rule does not concern is handed back as it is.

    `trials` holds the whole history by id. The rule concerns agents that count as augmentation and were judged
    adequate-failed. Base at its minimum dose in every dose that can overlap the agent: the verdict stands; otherwise
    it is indeterminate.
    """
    row = judgement.treatment
    if row is None or row.kind is not Kind.AUGMENTATION or judgement.verdict is not Verdict.ADEQUATE_FAILED:
        return judgement
    named = trials.get(agent.added_to) if agent.added_to is not None else None
    if named is None:
        return _unclear(judgement, "the base antidepressant is not named", f"What was {row.generic} added to?")
    base_row = find(named.treatment)
    if base_row is None or base_row.kind is not Kind.ANTIDEPRESSANT:
        name = base_row.generic if base_row else named.treatment
        question = f"Which antidepressant was {row.generic} added to?"
        return _unclear(judgement, f"{name} is not a recognised antidepressant", question)
    return _against(judgement, row, _base(named, base_row, agent, as_of))


def _base(named: MedicationTrial, row: Treatment, agent: MedicationTrial, as_of: date) -> _Base:
    if not (has_any_date(named, as_of=as_of) and has_any_date(agent, as_of=as_of)):
        return _Base(row, (max(named.doses, key=_dose_or_nothing, default=DoseSegment()),), True)
    when = reaches_of(agent, as_of=as_of)
    places = zip(named.doses, reaches_of(named, as_of=as_of), strict=True)
    doses = (dose for dose, reach in places if any(reach.shares_days_with(other) for other in when))
    return _Base(row, tuple(doses), False)


def _dose_or_nothing(dose: DoseSegment) -> float:
    return dose.mg_per_day or 0.0


def _against(judgement: Judgement, agent: Treatment, base: _Base) -> Judgement:
    name, least = base.row.generic, minimum_dose(base.row)
    if not base.doses:
        question = f"Was {name} or another antidepressant taken while {agent.generic} was?"
        return _unclear(judgement, "the base antidepressant was not being taken at the same time", question)
    question = f"Was {name} taken at {least} the whole time that {agent.generic} was added?"
    low = [dose for dose in base.doses if not is_at_dose(dose, base.row)]
    if any(dose.mg_per_day is not None for dose in low):
        return _unclear(judgement, f"the base antidepressant {name} was under its minimum dose ({least})", question)
    if low:
        return _unclear(judgement, f"the dose of the base antidepressant {name} is not known", question)
    how = "taken as together, since dates are missing" if base.is_taken_as_together else "at its minimum dose"
    return replace(
        judgement,
        rule=RULE,
        reason=f"{judgement.reason}; added to {name}, {how}",
        is_verified=judgement.is_verified and base.row.is_verified,
    )


def _unclear(judgement: Judgement, reason: str, question: str) -> Judgement:
    return replace(judgement, verdict=Verdict.INDETERMINATE, rule=RULE, reason=reason, question=question)
