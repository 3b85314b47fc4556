"""Settings come from the environment and from nowhere else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config import ROOT, Config, ConfigError


def test_production_is_what_runs_without_a_word() -> None:
    assert Config.from_environment({}).mode == "production"


@pytest.mark.parametrize(("name", "value"), [("INTAKE_MODE", "prod"), ("PROXY_COUNT", "one"), ("PROXY_COUNT", "-1")])
def test_a_setting_that_cannot_be_used_is_named(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name):
        Config.from_environment({name: value})


def test_without_a_database_url_a_file_in_the_instance_folder_is_used(tmp_path: Path) -> None:
    assert Config(instance=tmp_path).database == f"sqlite:///{tmp_path.resolve()}/intake.db"


def test_mail_has_no_default_in_production(tmp_path: Path) -> None:
    assert Config(instance=tmp_path).mail == ""
    assert Config(mode="development", instance=tmp_path).mail.startswith("file:")


def test_every_variable_is_listed_in_the_example() -> None:
    read = set(re.findall(r'"([A-Z]+(?:_[A-Z]+)*)"', (ROOT / "config.py").read_text())) - {"UTF"}
    listed = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert read == listed
