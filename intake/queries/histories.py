"""What the rules make of a patient's rows on one day: verdicts, statement, findings. Computed when shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from intake.domain.history import resistance, trials
from intake.domain.history.resistance import Assessment
from intake.domain.history.trials import Judgement
from intake.domain.screening.medicines import CheckedMedicine, Finding, MedicineCheck
from intake.domain.screening.sources import Severity
from intake.models.medicines import CurrentMedicine, FindingClearance
from intake.models.trials import MedicationTrial, VerdictOverride
from intake.queries import findings
from intake.queries import trials as trial_rows

LEVELS = tuple(Severity)
NO_TRIALS = "No prior treatment was entered."


@dataclass(frozen=True, slots=True)
class JudgedTrial:
    """One trial: the row, what the rules read, their verdict, and a provider's word over it."""

    row: MedicationTrial
    trial: trials.MedicationTrial
    judgement: Judgement
    override: VerdictOverride | None


@dataclass(frozen=True, slots=True)
class ListedFinding:
    """One finding on this chart; `key` is what a clearance names."""

    key: str
    medicine: str
    finding: Finding
    clearance: FindingClearance | None

    @property
    def is_open_stop(self) -> bool:
        """Whether it blocks an order and every booking."""
        return self.finding.severity is Severity.STOP and self.clearance is None


@dataclass(frozen=True, slots=True)
class ListedMedicine:
    """One current medicine: the row, the name it was matched to, its findings."""

    row: CurrentMedicine
    checked: CheckedMedicine
    findings: tuple[ListedFinding, ...]


@dataclass(frozen=True, slots=True)
class JudgedHistory:
    """Everything that is computed from a patient's history and medicines as entered."""

    trials: tuple[JudgedTrial, ...]
    assessment: Assessment
    medicines: tuple[ListedMedicine, ...]
    check: MedicineCheck

    @property
    def findings(self) -> tuple[ListedFinding, ...]:
        """All findings, each key once, the most urgent first."""
        found = {listed.key: listed for medicine in self.medicines for listed in medicine.findings}
        return tuple(sorted(found.values(), key=lambda listed: LEVELS.index(listed.finding.severity)))

    @property
    def first_line(self) -> str:
        """The sentence on the history as entered; without any trial it says only that."""
        return self.assessment.first_line if self.trials else NO_TRIALS

    @property
    def is_empty(self) -> bool:
        """Whether neither a trial nor a medicine was ever entered."""
        return not (self.trials or self.medicines)

    @property
    def open_stops(self) -> tuple[str, ...]:
        """The keys of stop findings that nobody has cleared."""
        return tuple(listed.key for listed in self.findings if listed.is_open_stop)

    def frozen(self) -> dict[str, Any]:
        """The same as plain values, to be kept inside what is signed: codes, numbers and rule versions."""
        assessment = self.assessment
        return {
            "as_of": assessment.as_of.isoformat(),
            "rules": {"history": assessment.rules_version, "medicines": self.check.rules_version},
            "settings": asdict(assessment.settings),
            "statement": assessment.statement.value,
            "statement_text": assessment.statement_text,
            "first_line": self.first_line,
            "counts": asdict(assessment.counts),
            "overlaps": [list(pair) for pair in assessment.overlaps],
            "relations": [relation.in_words() for relation in assessment.relations],
            "trials": [_frozen_trial(one) for one in self.trials],
            "findings": [_frozen_finding(one) for one in self.findings],
            "unknown": list(self.check.unknown),
            "diazepam_equivalent_mg_per_day": self.check.load.mg_per_day,
        }


def judged_history(patient_id: UUID, *, as_of: date, is_bipolar: bool = False) -> JudgedHistory:
    """Judge the patient's trials and medicines as they stand, on `as_of`; five queries whatever their number."""
    rows = trial_rows.trials_of(patient_id)
    entered = [trial_rows.as_entered(row) for row in rows]
    settings = trial_rows.history_settings()
    assessment = resistance.assess(entered, settings, as_of=as_of, is_bipolar=is_bipolar)
    overrides = trial_rows.overrides_of(patient_id) if rows else {}
    judged = tuple(
        JudgedTrial(row, trial, judgement, overrides.get(row.id))
        for row, trial, judgement in zip(rows, entered, assessment.judgements, strict=True)
    )
    medicines, check = _listed_medicines(patient_id, as_of)
    return JudgedHistory(judged, assessment, medicines, check)


def _listed_medicines(patient_id: UUID, as_of: date) -> tuple[tuple[ListedMedicine, ...], MedicineCheck]:
    rows = findings.current_medicines_of(patient_id)
    check = findings.check_of(rows, as_of=as_of)
    cleared = findings.clearances_of(patient_id)
    return tuple(_listed(row, checked, cleared) for row, checked in zip(rows, check.medicines, strict=True)), check


def _listed(row: CurrentMedicine, checked: CheckedMedicine, cleared: Mapping[str, FindingClearance]) -> ListedMedicine:
    listed = [
        ListedFinding(key, _named(checked), finding, cleared.get(key))
        for finding in checked.findings
        for key in [findings.key_of(checked, finding)]
    ]
    return ListedMedicine(row, checked, tuple(_most_urgent_first(listed)))


def _named(checked: CheckedMedicine) -> str:
    """The medicine of a finding; a corrected name says what was typed."""
    match = checked.match
    name = match.matched or checked.medicine.name
    return f"{name}, typed {match.typed}" if match.read_as else name


def _most_urgent_first(listed: Sequence[ListedFinding]) -> list[ListedFinding]:
    return sorted(listed, key=lambda one: LEVELS.index(one.finding.severity))


def _frozen_trial(one: JudgedTrial) -> dict[str, Any]:
    judgement, override = one.judgement, one.override
    return {
        "id": str(one.row.id),
        "treatment": judgement.name,
        "verdict": judgement.verdict.value,
        "rule": judgement.rule,
        "reason": judgement.reason,
        "question": judgement.question,
        "override": {"verdict": override.verdict, "by": str(override.by_id)} if override else None,
    }


def _frozen_finding(one: ListedFinding) -> dict[str, Any]:
    cleared = str(one.clearance.id) if one.clearance else None
    return {"key": one.key, "level": one.finding.severity.value, "clearance": cleared}
