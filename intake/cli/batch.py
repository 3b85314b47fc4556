"""`flask plan-batch`: many series together, from a file, without database or keys."""

from __future__ import annotations

import signal
import sys
import time
from math import isnan
from pathlib import Path

import click

from intake.cli.documents import FILE, JsonCommand, print_json, read_json
from intake.cli.errors import plain_errors
from intake.domain.errors import DomainError
from intake.domain.scheduling.batch_reading import batch_from_json, plan_to_json
from intake.domain.scheduling.batch_values import Progress
from intake.services.batches import Solver, plan_together


@click.command("plan-batch", cls=JsonCommand)
@click.argument("case", type=FILE)
@click.option("--seconds", type=click.FloatRange(min=0), default=10.0, show_default=True, help="Time to plan in.")
@click.option("--solver", type=click.Choice([s.value for s in Solver]), default=Solver.AUTO.value, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True, help="Of all that is drawn by chance.")
@plain_errors
def plan_batch(case: Path, seconds: float, solver: str, seed: int) -> None:
    """Print the best plan for the batch CASE (JSON) that is found in time, with a proven lower bound of its cost.

    Ctrl-C ends the search and prints the best plan so far. On a terminal a line says how far it is.
    """
    if isnan(seconds):
        raise DomainError("seconds: not a number")
    end, stopped = time.monotonic() + seconds, []
    batch = batch_from_json(read_json(case))
    before = signal.signal(signal.SIGINT, lambda *_: stopped.append(True))
    try:
        plan = plan_together(
            batch,
            seconds_left=lambda: end - time.monotonic(),
            using=Solver(solver),
            is_cancelled=lambda: bool(stopped),
            progress=say if sys.stderr.isatty() else None,
            seed=seed,
        )
    finally:
        signal.signal(signal.SIGINT, before)
    print_json(plan_to_json(plan))


def say(progress: Progress) -> None:
    """One line on standard error, written over by the next one."""
    click.echo(f"\rcost {progress.cost}, at least {progress.bound}  ", err=True, nl=False)
