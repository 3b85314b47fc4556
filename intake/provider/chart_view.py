"""What the chart page shows of a chart: findings by level, questions, words, and the one next step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from intake.domain.form.pages import Page
from intake.domain.history.trials import Verdict
from intake.domain.requests import REASON_WORDS, Reason
from intake.domain.roles import Permission
from intake.domain.screening import washouts
from intake.domain.screening.lookalikes import Known
from intake.domain.screening.name_search import suggestions
from intake.domain.screening.sources import Severity
from intake.domain.statuses import LIVE_ORDER, ConsultationStatus
from intake.provider import facts
from intake.provider.effect import Waiting, when_it_may
from intake.provider.record import Entry, record_of
from intake.provider.timeline import Timeline, timeline_of
from intake.queries.charts import (
    Account,
    Chart,
    CurrentMedicine,
    Evaluation,
    Order,
    ReturnedItem,
    ScoredForm,
    Snapshot,
)
from intake.queries.histories import JudgedTrial, ListedFinding, ListedMedicine
from intake.services.evaluations import SIGNABLE

OTHERS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Group:
    """The findings of one level."""

    level: Severity
    findings: list[ListedFinding]


@dataclass(frozen=True, slots=True)
class Doubt:
    """One question that would settle something, and what it is about; `decides`: it could change the statement."""

    about: str
    text: str
    decides: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """One page of the form as it was submitted, for a list of label and value."""

    page: str
    title: str
    rows: list[dict[str, Any]]


def sections_of(snapshot: Snapshot) -> list[Section]:
    """What was submitted, in the words that the patient saw."""
    return [
        Section(one["page"], one["title"], [{"label": label, "value": value} for label, value in one["rows"]])
        for one in (snapshot.body or {}).get("sections", [])
    ]


class ChartView:
    """One chart for one reader at one moment."""

    def __init__(self, chart: Chart, *, actor: Account, now: datetime) -> None:
        self.chart, self.actor, self.now = chart, actor, now

    @property
    def zone(self) -> str:
        """The zone of the chart's site."""
        return self.chart.site.timezone

    @cached_property
    def timeline(self) -> Timeline:
        """The treatments on a line of time."""
        return timeline_of(self.chart.history.trials, self.chart.as_of)

    @cached_property
    def groups(self) -> list[Group]:
        """Findings by level, the most urgent level first; a level without any is left out."""
        found = self.chart.history.findings
        levels = [Group(level, [one for one in found if one.finding.severity is level]) for level in Severity]
        return [group for group in levels if group.findings]

    @cached_property
    def doubts(self) -> list[Doubt]:
        """The questions that the rules cannot settle from what was entered."""
        history = self.chart.history
        names = {str(one.row.id): one.row.name for one in history.medicines}
        deciding = set(history.assessment.deciding_questions)
        found = [Doubt(one.name, one.text, one in deciding) for one in history.assessment.questions]
        asked = [(one.medicine_id, one.text) for one in history.check.questions]
        asked += [(one.medicine_id, one.text) for one in washouts.questions_of(history.check)]
        return found + [Doubt(names.get(medicine_id, ""), text) for medicine_id, text in asked]

    @cached_property
    def waiting(self) -> Waiting | None:
        """A decision that waits for a contact."""
        return when_it_may(self.chart, self.now)

    @property
    def phq9(self) -> ScoredForm | None:
        """The newest PHQ-9."""
        return next((one for one in self.chart.scores if one.row.instrument == "phq9"), None)

    @property
    def earlier_phq9(self) -> list[ScoredForm]:
        """Those before it."""
        return [one for one in self.chart.scores if one.row.instrument == "phq9"][1:]

    @property
    def status(self) -> ConsultationStatus | None:
        """Where the consultation stands."""
        return self.chart.review.consultation.status if self.chart.review else None

    @property
    def reason(self) -> str:
        """Why the patient came, in words."""
        code = self.chart.review.consultation.reason if self.chart.review else ""
        return REASON_WORDS[Reason(code)] if code in set(Reason) else code

    @property
    def reason_rows(self) -> list[dict[str, Any]]:
        """What the patient wrote on the page of reasons, from the last submission."""
        snapshot = self.chart.review.snapshot if self.chart.review else None
        sections = sections_of(snapshot) if snapshot else []
        return [row for section in sections if section.page == Page.REASON for row in section.rows]

    @property
    def waited(self) -> timedelta | None:
        """How long the submission has waited."""
        since = self.chart.review.consultation.submitted_at if self.chart.review else None
        return max(timedelta(), self.now - since) if since else None

    @property
    def claimed_by(self) -> str | None:
        """Who holds the consultation: "you", a colleague's name, or nobody."""
        holder = self.chart.review.consultation.claimed_by if self.chart.review else None
        if holder is None:
            return None
        return "you" if holder == self.actor.id else self.chart.names.get(holder, "")

    @property
    def is_mine(self) -> bool:
        """Whether the reader has claimed it."""
        return self.claimed_by == "you"

    @property
    def open_questions(self) -> list[ReturnedItem]:
        """What waits for the patient's answer."""
        return self.chart.review.open_questions if self.chart.review else []

    @property
    def order_in_force(self) -> Order | None:
        """The order that is signed and not over."""
        return next(
            (row for row in self.chart.orders if row.status in LIVE_ORDER and row.expires_on >= self.chart.as_of), None
        )

    @property
    def overridden(self) -> int:
        """How many verdicts a provider has put another one over."""
        return sum(one.override is not None for one in self.chart.history.trials)

    @property
    def medicine_names(self) -> dict[str, str]:
        """The names of the medicines by the ids that the rules answer with."""
        return {str(one.row.id): one.row.name for one in self.chart.history.medicines}

    @property
    def item9(self) -> str:
        """The safety item of the newest PHQ-9."""
        return facts.safety_words(self.phq9) if self.phq9 else facts.NOT_ANSWERED

    @property
    def phq9_items(self) -> list[tuple[str, str, str]]:
        """The newest PHQ-9, item by item."""
        return facts.item_rows(self.phq9) if self.phq9 else []

    @property
    def record(self) -> list[Entry]:
        """What happened, the latest first."""
        return record_of(self.chart)

    @property
    def can_sign_visit(self) -> bool:
        """Whether the reader may sign a visit on this consultation as it stands."""
        return self.status in SIGNABLE and self.actor.may(Permission.SIGN_EVALUATION)

    def facts(self, one: JudgedTrial) -> list[str]:
        """A trial as entered."""
        return facts.trial_facts(one)

    def frequency(self, row: CurrentMedicine) -> str:
        """How often a medicine is taken."""
        return facts.frequency_words(row)

    def may_mean(self, medicine: ListedMedicine) -> list[Known]:
        """What else a name may mean that was corrected or not recognised, each with its use; three at most."""
        match = medicine.checked.match
        if match.matched and not match.read_as:
            return []
        return [one for one in suggestions(medicine.row.name) if one.name != match.read_as][:OTHERS_SHOWN]

    def last_taken(self, row: CurrentMedicine) -> str:
        """When a medicine was last taken."""
        return facts.last_taken_words(row)

    def visit_facts(self, visit: Evaluation) -> list[tuple[str, str]]:
        """A signed visit."""
        return facts.visit_facts(visit, self.zone)

    def may_review(self) -> bool:
        """Whether the reader reviews; nurses read and record contacts."""
        return self.actor.may(Permission.REVIEW)

    def verdict(self, one: JudgedTrial) -> Verdict:
        """The verdict that stands: a provider's, else the computed one."""
        return Verdict(one.override.verdict) if one.override else one.judgement.verdict

    def name_of(self, account_id: UUID | None) -> str:
        """Who did something."""
        return self.chart.names.get(account_id, "the system") if account_id else "the system"

    @property
    def next_step(self) -> str:
        """The one step that comes next; the rail shows its button."""
        steps = {
            None: "nothing",
            ConsultationStatus.DRAFT: "patient",
            ConsultationStatus.CORE_COMPLETE: "patient",
            ConsultationStatus.SUBMITTED: "claim",
            ConsultationStatus.RETURNED: "answers",
            ConsultationStatus.IN_REVIEW: self._step_in_review(),
            ConsultationStatus.ACCEPTED: "running" if self.order_in_force else "order",
        }
        return steps.get(self.status, "over")

    def _step_in_review(self) -> str:
        if self.waiting is not None:
            return "contact"
        if not self.is_mine:
            return "take-over"
        return "decide" if self.chart.review and self.chart.review.evaluation else "evaluate"
