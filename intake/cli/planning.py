"""`flask plan-series` and `flask check-plan`: the planning problem from files, without database or keys."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from intake.cli.errors import plain_errors
from intake.domain.scheduling import checking, planning

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("plan-series")
@click.argument("case", type=FILE)
@plain_errors
def plan_series(case: Path) -> None:
    """Print the best plan for CASE (JSON), or why there is none."""
    click.echo(json.dumps(planning.answer(json.loads(case.read_text())), ensure_ascii=False))


@click.command("check-plan")
@click.argument("case", type=FILE)
@click.argument("plan", type=FILE)
@plain_errors
def check_plan(case: Path, plan: Path) -> None:
    """Check PLAN against every rule of CASE by a second reckoning; exit code 1 when a rule is broken."""
    broken, cost = checking.check(json.loads(case.read_text()), json.loads(plan.read_text()))
    click.echo("\n".join(broken) if broken else f"ok cost={cost}")
    sys.exit(1 if broken else 0)
