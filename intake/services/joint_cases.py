"""The patients of a batch as entries and as planning cases on shared capacity. Shared steps: they only read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from intake.domain.scheduling import planning, values
from intake.domain.scheduling.batch_values import BatchCase as JointCase
from intake.domain.scheduling.batch_values import BatchPlan
from intake.domain.scheduling.batch_values import Series as JointSeries
from intake.domain.scheduling.planning import Infeasible
from intake.domain.scheduling.values import Case, Slot
from intake.models.appointments import Appointment
from intake.models.orders import Order
from intake.models.replanning import BatchCase
from intake.models.sites import Site
from intake.queries import closings as reads
from intake.queries import series as series_queries
from intake.queries.closings import Lost
from intake.queries.replanning import Rest

UNPLACED, WORST = 1000, 1
"""What a patient without a plan costs, so that nobody is left out for the comfort of others; the worst counts twice."""
MOST_EXPLAINED = 8
"""How many patients without a plan are told what would help; each takes up to half a second."""
ALONE = "Find another time for this visit by hand."


@dataclass(slots=True)
class Entry:
    """One patient of a batch before it is kept: what was lost, and the times that were found."""

    patient_id: UUID
    series_id: UUID | None
    order_id: UUID | None
    lost: tuple[UUID, ...]
    key: str = ""  # of its planning case; empty where none can be made
    left: int = 0  # how many infusions are to be placed
    slots: tuple[Slot, ...] = ()
    words: str = ""
    token: str = field(default="")

    def to_row(self, batch_id: UUID) -> BatchCase:
        """The row of a batch. Where nothing can be planned it is done by hand."""
        is_open = bool(self.slots) or (bool(self.key) and not self.words)
        return BatchCase(
            id=uuid7(),
            batch_id=batch_id,
            patient_id=self.patient_id,
            series_id=self.series_id,
            order_id=self.order_id,
            appointment_ids=[str(key) for key in self.lost],
            plan=[[slot.day.isoformat(), slot.start, slot.chair] for slot in self.slots],
            token=self.token,
            outcome="waiting" if is_open else "by-hand",
            words=self.words[:400],
        )


def of_lost(
    site: Site, rules: values.Site, lost: Sequence[Lost], *, now: datetime
) -> tuple[list[Entry], dict[str, Case]]:
    """The patients who lose a visit, those with the soonest one first, and their cases by key."""
    by_series, singles, others = _grouped(lost)
    rests = [reads.rest_with(rows[0].order_id, {row.id for row in rows}, now=now) for rows in by_series]  # type: ignore[arg-type]
    shared = reads.shared_ground(site, rules, rests, singles, [], now=now)
    entries = [_series_entry(rest, rows) for (rest, _, _), rows in zip(rests, by_series, strict=True)]
    found = {
        entry.key: reads.joint_case(rest, order, row, shared, now=now)
        for entry, (rest, order, row) in zip(entries, rests, strict=True)
    }
    for row in singles:
        entries.append(_single_entry(row, f"a:{row.id}"))
        found[f"a:{row.id}"] = reads.single_case(row, site, shared, now=now)
    return entries + [_single_entry(row, "", ALONE) for row in others], found


def of_orders(site: Site, rows: Sequence[Order], *, now: datetime) -> tuple[list[Entry], dict[str, Case]]:
    """Several orders that are not booked, the longest waiting first, and their cases by key."""
    shared = reads.shared_ground(site, reads.rules_of(site, now), [], [], rows, now=now)
    entries, found = [], {}
    for order in sorted(rows, key=lambda one: (one.signed_at, one.id)):
        series_row, key = series_queries.proposed_of(order.id), f"s:{order.id}"
        entries.append(Entry(order.patient_id, series_row.id, order.id, (), key, order.infusions))
        found[key] = reads.waiting_case(order, site, shared, now=now)
    return entries, found


def late(site: Site, lost: Sequence[Lost]) -> list[Entry]:
    """Who was booked between proposal and closing: no plan was shown for them, one is made when they are placed."""
    by_series, singles, others = _grouped(lost)
    entries = [
        Entry(rows[0].patient_id, rows[0].series_id, rows[0].order_id, tuple(row.id for row in rows), "late")
        for rows in by_series
    ]
    return entries + [_single_entry(row, "", ALONE) for row in [*singles, *others]]


def joint(case_list: dict[str, Case]) -> JointCase:
    """All of them as one problem on shared capacity."""
    return JointCase(tuple(JointSeries(key, case) for key, case in case_list.items()), UNPLACED, WORST)


def fill(entries: Sequence[Entry], case_list: dict[str, Case], plan: BatchPlan) -> None:
    """Put the times that were found into the entries; who has none reads what would help."""
    explained = 0
    for entry in entries:
        slots = plan.placed.get(entry.key, ())
        if slots:
            entry.slots = slots[len(slots) - entry.left :]
        elif entry.key:
            explained += 1
            entry.words = _why(case_list[entry.key]) if explained <= MOST_EXPLAINED else planning_words(None)


def planning_words(found: Infeasible | None) -> str:
    """The first reason of a case without a plan, or that there is none."""
    return found.reasons[0].text if found and found.reasons else "No plan fits beside the others: plan it by hand."


def _why(case: Case) -> str:
    found = planning.plan_series(case, 0)
    return planning_words(found if isinstance(found, Infeasible) else None)


def _grouped(lost: Sequence[Lost]) -> tuple[list[list[Appointment]], list[Appointment], list[Appointment]]:
    by_series: defaultdict[UUID, list[Appointment]] = defaultdict(list)
    singles, others = [], []
    for one in lost:
        row = one.appointment
        if row.series_id is not None and row.order_id is not None:
            by_series[row.series_id].append(row)
        elif row.chair_id is not None:
            singles.append(row)
        else:
            others.append(row)
    return list(by_series.values()), singles, others


def _series_entry(rest: Rest, rows: Sequence[Appointment]) -> Entry:
    left = max(rest.infusions - len(rest.given), 0)
    lost = tuple(row.id for row in rows)
    return Entry(rest.patient_id, rest.series_id, rest.order_id, lost, f"s:{rest.order_id}", left, token=rest.token)


def _single_entry(row: Appointment, key: str, words: str = "") -> Entry:
    entry = Entry(row.patient_id, None, row.order_id, (row.id,), key, 1, words=words)
    entry.token = f"{row.version}.{row.status.value}"
    return entry
