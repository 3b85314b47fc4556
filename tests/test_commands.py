"""Commands touch nothing without keys; those that plan are tested in test_planning_commands.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import Config
from intake import create_app


@pytest.fixture
def keyless(tmp_path: Path) -> Config:
    return Config(mode="production", instance=tmp_path, base_url="https://localhost")


def run(config: Config, *words: str) -> tuple[int, str, str]:
    result = create_app(config).test_cli_runner().invoke(args=list(words))
    return result.exit_code, result.stdout, result.stderr


KEEPING = (("backup", "x"), ("restore", "FILE"), ("keys", "rotate"), ("keys", "retire", "1"), ("downtime", "write"))


@pytest.mark.parametrize("words", [("clinic", "load", "FILE"), ("audit", "verify"), ("worker",), *KEEPING])
def test_what_touches_data_refuses_without_keys(keyless: Config, tmp_path: Path, words: tuple[str, ...]) -> None:
    file = tmp_path / "clinic.json"
    file.write_text("{}")
    code, _, err = run(keyless, *(str(file) if word == "FILE" else word for word in words))
    assert code == 1
    assert "INTAKE_KEY_FILE" in err


def test_production_refuses_to_work_without_tls(tmp_path: Path) -> None:
    config = Config(mode="production", instance=tmp_path, base_url="http://localhost")
    assert "BASE_URL" in run(config, "worker")[2]
