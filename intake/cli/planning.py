"""`flask plan-series` and `flask check-plan`: the planning problem from files, without database or keys."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from intake.cli.documents import FILE, JsonCommand, print_json, read_json
from intake.cli.errors import plain_errors
from intake.domain.scheduling import checking, checking_batch, planning
from intake.domain.scheduling.batch_reading import batch_from_json
from intake.domain.scheduling.reading import case_from_json


@click.command("plan-series", cls=JsonCommand)
@click.argument("case", type=FILE)
@click.option(
    "--alternatives", type=click.IntRange(min=1), default=3, show_default=True, help="Plans in all, the best included."
)
@plain_errors
def plan_series(case: Path, alternatives: int) -> None:
    """Print the best plan for CASE (JSON) and others that differ as a person sees it, or why there is none."""
    print_json(planning.answer(read_json(case), alternatives=alternatives - 1))


@click.command("check-plan", cls=JsonCommand)
@click.argument("case", type=FILE)
@click.argument("plan", type=FILE)
@plain_errors
def check_plan(case: Path, plan: Path) -> None:
    """Check PLAN against every rule of CASE, a series or a batch, by a second reckoning; exit 1 when one breaks."""
    problem, found = read_json(case), read_json(plan)
    is_batch = isinstance(problem, dict) and "series" in problem
    if is_batch:
        batch_from_json(problem)
        broken, cost = checking_batch.check_batch(problem, found)
    else:
        case_from_json(problem)
        broken, cost = checking.check(problem, found)
    print_json({"ok": not broken, "cost": cost, "broken": broken})
    sys.exit(1 if broken else 0)
