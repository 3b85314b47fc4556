"""The patients of a batch as entries and as planning cases on shared capacity. Shared steps: they only read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from intake.domain import clinic_time
from intake.domain.errors import DomainError
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
from intake.queries import schedules, single_visits
from intake.queries import series as series_queries
from intake.queries.closings import Lost
from intake.queries.replanning import Rest
from intake.queries.schedules import Leave
from intake.queries.single_visits import Ground, Taken

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
    holder_id: UUID | None = None

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
    shared = reads.shared_ground(site, rules, rests, [*singles, *others], [], now=now)
    entries = [_series_entry(rest, rows) for (rest, _, _), rows in zip(rests, by_series, strict=True)]
    found = {
        entry.key: reads.joint_case(rest, order, row, shared, now=now)
        for entry, (rest, order, row) in zip(entries, rests, strict=True)
    }
    closing = lost[0].closing if lost else None
    ground = Ground(site, closing, shared, clinic_time.local_day(now, site.timezone))
    for row in others:
        ground = _add_without_chair(row, ground, entries, now)
    for row in singles:
        _add_with_chair(row, ground, entries, found, now)
    for entry in entries:
        mine = tuple(one.busy for one in ground.taken if one.row.patient_id == entry.patient_id)
        if mine and entry.series_id is not None:
            found[entry.key] = _besides(found[entry.key], mine)
    return entries, found


def _add_without_chair(row: Appointment, ground: Ground, entries: list[Entry], now: datetime) -> Ground:
    """The nearest time for a visit without a chair; the ground with it taken."""
    entry = _single_entry(row, "")
    entries.append(entry)
    try:
        slot = single_visits.time_of(row, ground, _patient(row, ground, Leave(frozenset({row.id})), now))
    except DomainError as error:
        entry.words = error.message
        return ground
    entry.slots = (slot,)
    end = slot.start + single_visits.session_of(row).minutes
    taken = Taken(row, values.Busy(slot.day, slot.start, slot.day, end))
    return replace(ground, taken=(*ground.taken, taken))


def _add_with_chair(
    row: Appointment, ground: Ground, entries: list[Entry], found: dict[str, Case], now: datetime
) -> None:
    """The case of a single visit; a second one of the same patient or holder might collide with it: by hand."""
    key = f"a:{row.id}"
    holders = {one.holder_id for one in entries if one.key and one.holder_id}
    if row.provider_id in holders or row.patient_id in {one.patient_id for one in entries if one.key}:
        entries.append(_single_entry(row, "", ALONE))
        return
    try:
        found[key] = single_visits.case_of(row, ground, _patient(row, ground, ground.shared.leave, now))
    except DomainError as error:
        entries.append(_single_entry(row, "", error.message))
    else:
        entries.append(_single_entry(row, key))


def _patient(row: Appointment, ground: Ground, leave: Leave, now: datetime) -> values.Patient:
    zone, first, last = ground.site.timezone, ground.shared.first, ground.shared.last
    busy = schedules.busy_of(row.patient_id, zone, first, last, now=now, leave=leave)
    return single_visits.patient_of(row, ground, busy=busy)


def _besides(case: Case, taken: tuple[values.Busy, ...]) -> Case:
    return replace(case, patient=replace(case.patient, busy=(*case.patient.busy, *taken)))


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
    entry = Entry(row.patient_id, None, row.order_id, (row.id,), key, 1, words=words, holder_id=row.provider_id)
    entry.token = f"{row.version}.{row.status.value}"
    return entry
