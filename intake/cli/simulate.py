"""`flask simulate`: a year of a clinic under three ways of booking, without database or keys."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from math import isnan
from pathlib import Path

import click

from intake.cli.documents import FILE, JsonCommand, read_json
from intake.cli.errors import plain_errors
from intake.demo.clinic import FILE as DEMO_CLINIC
from intake.domain.errors import DomainError
from intake.domain.scheduling.protocols import default_protocol, default_weights
from intake.domain.scheduling.reading import site_from_json
from intake.domain.simulation.asking import compare_ways
from intake.domain.simulation.draws import Assumptions
from intake.domain.simulation.figures import DEFINITIONS, plot_of, rows_of

MONDAY = date(2027, 1, 4)
PROTOCOL = "acute-twice-weekly"


@click.command("simulate", cls=JsonCommand)
@click.option("--site", type=FILE, help="A site in the planning format; else the demo clinic's first one.")
@click.option("--protocol", default=PROTOCOL, show_default=True, help="Key of a default protocol.")
@click.option("--orders-per-week", type=click.FloatRange(0.1, 200), default=5.0, show_default=True)
@click.option("--days", type=click.IntRange(60, 1100), default=365, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for simulation.md, .svg, .json.")
@plain_errors
def simulate(site: Path | None, protocol: str, orders_per_week: float, days: int, seed: int, out: Path | None) -> None:
    """Play a year three times on the same draws and print what came of it."""
    if isnan(orders_per_week):
        raise DomainError("orders-per-week: not a number")
    raw = read_json(site) if site else json.loads(DEMO_CLINIC.read_text(encoding="utf-8"))["sites"][0]
    assumptions = Assumptions(MONDAY, days=days, seed=seed, orders_per_week=orders_per_week)
    recipe = default_protocol(protocol)
    found = compare_ways(site_from_json(raw), recipe.protocol, default_weights(), assumptions)
    report = "\n".join(
        [
            table(("", *(one.way for one in found)), rows_of(found)),
            "",
            f"Protocol: {recipe.name}. Assumptions: {words(assumptions)}",
            "",
            *(f"- {name.replace('_', ' ')}: {text}" for name, text in DEFINITIONS.items()),
        ]
    )
    click.echo(report)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "simulation.md").write_text(report + "\n", encoding="utf-8")
        (out / "simulation.svg").write_text(plot_of(found), encoding="utf-8")
        document = [one.to_json() for one in found]
        (out / "simulation.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A table in Markdown."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def words(assumptions: Assumptions) -> str:
    """Every assumption with its value."""
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in asdict(assumptions).items()) + "."
