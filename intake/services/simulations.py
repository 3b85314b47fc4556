"""Simulated years: asked for by a manager, worked by the worker, in slices that show how far it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select, update

from intake.domain import clinic_time
from intake.domain.errors import DomainError
from intake.domain.scheduling.reading import protocol_from_json
from intake.domain.simulation.asking import Change, Ended, Progress, compare_sites, compare_ways
from intake.domain.simulation.draws import Assumptions
from intake.domain.simulation.figures import Figures
from intake.extensions import current_session, transaction
from intake.models.simulations import SimulationRun
from intake.models.sites import Protocol
from intake.queries import schedules, sites
from intake.services import audit
from intake.services.retries import retried

WAYS = "ways"
QUESTIONS = (WAYS, *Change)
MOST_A_WEEK = 60
MOST_WAITING = 5
"""Runs of one site that are not finished; more would only make each other wait."""
LEASE = timedelta(minutes=3)
STEP = 2
"""Percent after which the progress is written down."""
Clock = Callable[[], datetime]


@retried
def ask(
    site_id: UUID,
    protocol_id: UUID,
    question: str,
    *,
    orders_per_week: float,
    seed: int,
    request_key: UUID,
    actor_id: UUID,
    now: datetime,
) -> UUID:
    """Put a question into the line; returns the run. A repeat of the key answers with the first.

    Raises `DomainError` for an unknown question, a number out of bounds, or when too many wait already.
    """
    if question not in QUESTIONS:
        raise DomainError("Choose what to find out.", field="question")
    if not 0 < orders_per_week <= MOST_A_WEEK:
        raise DomainError(f"Enter a number from 0.1 to {MOST_A_WEEK}.", field="orders_per_week")
    with transaction() as session:
        first = session.scalar(select(SimulationRun.id).where(SimulationRun.request_key == request_key))
        if first is not None:
            return first
        session.get_one(Protocol, protocol_id)
        open_ones = (SimulationRun.site_id == site_id, SimulationRun.finished_at.is_(None))
        if len(session.scalars(select(SimulationRun.id).where(*open_ones).limit(MOST_WAITING)).all()) >= MOST_WAITING:
            raise DomainError("Five runs are waiting already. End one, or wait until they are done.")
        row = SimulationRun(
            site_id=site_id,
            protocol_id=protocol_id,
            question=question,
            orders_per_week=orders_per_week,
            seed=seed,
            request_key=request_key,
            made_by=actor_id,
            made_at=now,
        )
        session.add(row)
        subject = ("simulation_run", row.id)
        audit.add(session, actor_id=actor_id, action="simulation.ask", subject=subject, now=now, site_id=site_id)
        return row.id


@retried
def end(run_id: UUID, *, actor_id: UUID, now: datetime) -> None:
    """End a run that is not done; one that is stays as it is."""
    with transaction() as session:
        ended = update(SimulationRun).where(SimulationRun.id == run_id, SimulationRun.finished_at.is_(None))
        done = session.execute(ended.values(finished_at=now, words="Ended.").returning(SimulationRun.id)).all()
        if done:
            subject = ("simulation_run", run_id)
            audit.add(session, actor_id=actor_id, action="simulation.end", subject=subject, now=now)


def work(owner: str, clock: Clock) -> bool:
    """Take the run that waits longest and finish it; whether there was one. Any number of workers may call it."""
    run_id = _take(owner, clock())
    if run_id is None:
        return False
    try:
        found, words = _figures(run_id, owner, clock), ""
    except Ended:
        return True  # ended by its manager, or taken over: the row says so already
    except Exception:
        _finish(run_id, owner, None, "It could not be reckoned.", clock())
        raise
    _finish(run_id, owner, found, words, clock())
    return True


@retried
def _take(owner: str, now: datetime) -> UUID | None:
    free = or_(SimulationRun.leased_until.is_(None), SimulationRun.leased_until <= now)
    waiting = select(SimulationRun.id).where(SimulationRun.finished_at.is_(None), free)
    first = waiting.order_by(SimulationRun.made_at).limit(1).with_for_update(skip_locked=True)
    taken = update(SimulationRun).where(SimulationRun.id.in_(first))
    with transaction() as session:
        values = {"owner": owner, "leased_until": now + LEASE, "percent": 0}
        return session.scalar(taken.values(**values).returning(SimulationRun.id))


def _figures(run_id: UUID, owner: str, clock: Clock) -> list[Figures]:
    """Read what is asked, let go of the database, and reckon."""
    session = current_session()
    row = session.get_one(SimulationRun, run_id)
    site = sites.site(row.site_id)
    today = clinic_time.local_day(clock(), site.timezone)
    rules, weights = schedules.site_rules(site, first=today), schedules.weights()
    protocol = protocol_from_json(session.get_one(Protocol, row.protocol_id).rules)
    first = today - timedelta(days=today.weekday()) + timedelta(days=7)
    assumptions = Assumptions(first, seed=row.seed, orders_per_week=row.orders_per_week)
    question = row.question
    session.rollback()
    progress = _progress_of(run_id, owner, clock)
    if question == WAYS:
        return compare_ways(rules, protocol, weights, assumptions, progress)
    return compare_sites(rules, protocol, weights, assumptions, Change(question), progress)


def _progress_of(run_id: UUID, owner: str, clock: Clock) -> Progress:
    """Writes every other percent down and renews the lease; says False once the run is no longer this worker's."""
    written = 0

    def hear(share: float) -> bool:
        nonlocal written
        percent = int(share * 100)
        if percent < written + STEP:
            return True
        written = percent
        return _is_still_ours(run_id, owner, percent, clock())

    return hear


@retried
def _is_still_ours(run_id: UUID, owner: str, percent: int, now: datetime) -> bool:
    mine = (SimulationRun.id == run_id, SimulationRun.owner == owner, SimulationRun.finished_at.is_(None))
    kept = update(SimulationRun).where(*mine).values(percent=percent, leased_until=now + LEASE)
    with transaction() as session:
        return session.scalar(kept.returning(SimulationRun.id)) is not None


@retried
def _finish(run_id: UUID, owner: str, found: list[Figures] | None, words: str, now: datetime) -> None:
    mine = (SimulationRun.id == run_id, SimulationRun.owner == owner, SimulationRun.finished_at.is_(None))
    figures = None if found is None else [one.to_json() for one in found]
    done = update(SimulationRun).where(*mine).values(finished_at=now, percent=100, figures=figures, words=words)
    with transaction() as session:
        session.execute(done)
