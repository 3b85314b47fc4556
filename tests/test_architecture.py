"""Imports run downwards only, and the domain reads no clock."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import ROOT

AREAS = frozenset({"public", "account", "patient", "desk", "provider", "manage", "dev"})
OURS = {
    "domain": {"domain"},
    "keyring": set(),
    "extensions": {"keyring"},
    "models": {"models", "extensions", "domain", "keyring"},
    "queries": {"queries", "models", "domain", "extensions", "keyring"},
    "services": {"services", "queries", "models", "domain", "extensions", "keyring", "solver"},
    "solver": {"domain", "solver_model"},
    "solver_model": {"domain"},
    "web": {"web", "services", "queries", "domain", "extensions", "models", "keyring"},
    "jobs": {"jobs", "services", "extensions"},
    "cli": {"cli", "services", "queries", "domain", "extensions", "keyring", "jobs", "demo", "start"},
    "start": {"keyring"},
    "demo": {"demo", "services", "queries", "models", "domain", "extensions", "keyring"},
    "commands": {"cli"},
    "launcher": set(),
}
FOREIGN = {
    "domain": frozenset(),
    "models": frozenset({"sqlalchemy", "uuid_utils", "flask_login"}),
    "queries": frozenset({"sqlalchemy", "uuid_utils"}),
    "jobs": frozenset({"apscheduler", "flask"}),
    "solver": frozenset({"ortools"}),
    "solver_model": frozenset(),
}
FLASK_AT_HOME = AREAS | {"web", "cli", "commands", "extensions", "jobs", "intake"}
STANDARD = frozenset(__import__("sys").stdlib_module_names) | {"__future__"}
MODULES = sorted(path for path in (ROOT / "intake").rglob("*.py"))


def package_of(path: Path) -> str:
    """`intake/services/audit.py` is in `services`; `intake/__init__.py` in `intake`."""
    parts = path.relative_to(ROOT / "intake").with_suffix("").parts
    return parts[0] if parts[0] != "__init__" else "intake"


def imports_of(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "intake":
                yield from (f"intake.{alias.name}" for alias in node.names)
            else:
                yield node.module


def faults_of(path: Path) -> Iterator[str]:
    """What a file imports against the rules."""
    package = package_of(path)
    if package == "intake":
        return
    allowed = OURS.get(package, {"web", "services", "queries", "domain", "extensions", package})
    for name in imports_of(path):
        top, *rest = name.split(".")
        if top == "intake" and rest and rest[0] not in allowed:
            yield f"{path.relative_to(ROOT)} imports {name}"
        if top not in STANDARD | {"intake", "config"} and package in FOREIGN and top not in FOREIGN[package]:
            yield f"{path.relative_to(ROOT)} imports {name}"
        if top.startswith("flask") and top == "flask" and package not in FLASK_AT_HOME:
            yield f"{path.relative_to(ROOT)} imports {name}"
        if top == "apscheduler" and path.name != "worker.py":
            yield f"{path.relative_to(ROOT)} imports {name}"


def test_imports_run_downwards_only() -> None:
    assert [fault for path in MODULES for fault in faults_of(path)] == []


def test_the_rules_find_a_wrong_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = tmp_path / "intake" / "domain" / "wrong.py"
    wrong.parent.mkdir(parents=True)
    wrong.write_text("from intake.services import audit\nimport flask\n")
    monkeypatch.setattr("tests.test_architecture.ROOT", tmp_path)
    assert len(list(faults_of(wrong))) == 3


def test_only_the_configuration_reads_the_environment() -> None:
    readers = [path for path in MODULES if "os.environ" in path.read_text() or "getenv" in path.read_text()]
    assert [str(path.relative_to(ROOT)) for path in readers] in ([], ["intake/launcher.py"])


@pytest.mark.parametrize("word", ["datetime.now(", "date.today(", "utcnow(", "time.time("])
def test_the_domain_and_the_services_read_no_clock(word: str) -> None:
    clocks = [
        path for path in MODULES if package_of(path) in ("domain", "services", "queries") and word in path.read_text()
    ]
    assert clocks == []


def test_no_function_is_longer_than_fifty_lines() -> None:
    def long(path: Path) -> Iterator[str]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno + 1 > 50:
                yield f"{path.name}:{node.name}"

    assert [name for path in MODULES for name in long(path)] == []


def test_no_module_is_longer_than_three_hundred_lines() -> None:
    assert [path.name for path in MODULES if path.read_text().count("\n") > 300] == []


def test_every_table_is_listed_in_the_docs() -> None:
    import intake.models
    from intake.extensions import Base

    rows = (ROOT / "docs" / "tables.md").read_text().splitlines()
    listed = {row.split("|")[1].strip() for row in rows if row.startswith("|")} - {"table", "---"}
    assert listed == set(Base.metadata.tables), intake.models.__all__
