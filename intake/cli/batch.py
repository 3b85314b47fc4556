"""`flask plan-batch`: many series together, from a file, without database or keys."""

from __future__ import annotations

import time
from pathlib import Path

import click

from intake.cli.documents import FILE, JsonCommand, print_json, read_json
from intake.cli.errors import plain_errors
from intake.domain.scheduling.batch_reading import batch_from_json, plan_to_json
from intake.services.batches import Solver, plan_together


@click.command("plan-batch", cls=JsonCommand)
@click.argument("case", type=FILE)
@click.option("--seconds", type=click.FloatRange(min=0), default=10.0, show_default=True, help="Time to plan in.")
@click.option("--solver", type=click.Choice([s.value for s in Solver]), default=Solver.AUTO.value, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True, help="Of all that is drawn by chance.")
@plain_errors
def plan_batch(case: Path, seconds: float, solver: str, seed: int) -> None:
    """Print the best plan for the batch CASE (JSON) that is found in time, with a proven lower bound of its cost."""
    end = time.monotonic() + seconds
    batch = batch_from_json(read_json(case))
    plan = plan_together(batch, seconds_left=lambda: end - time.monotonic(), using=Solver(solver), seed=seed)
    print_json(plan_to_json(plan))
