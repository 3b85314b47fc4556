"""What the worker does may run at any time, on an empty clinic and twice; a failure does not end it."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

import pytest
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask

from intake.jobs import worker
from intake.jobs.tasks import Task, all_tasks
from intake.queries import health
from tests.factories import a_patient, a_provider, a_site, an_order


def tasks_in(folder: Path) -> dict[str, Task]:
    found = all_tasks("w1", mail_url=f"file:{folder}", sender="Desk <desk@example.org>", anchor=folder / "anchor.txt")
    return {task.name: task for task in found}


@pytest.mark.parametrize("with_rows", [False, True])
def test_every_task_may_run_twice(app: Flask, tmp_path: Path, with_rows: bool) -> None:
    with app.app_context():
        if with_rows:
            an_order(a_patient(a_site()), a_provider())
        for task in tasks_in(tmp_path).values():
            task.run()
            task.run()
        assert health.last_beat() is not None


def guarded(app: Flask, task: Task) -> Any:
    scheduler = BackgroundScheduler()
    worker.add(scheduler, app, task)  # type: ignore[arg-type]  # a scheduler is a scheduler
    return scheduler.get_job(task.name).func


def test_a_task_that_fails_is_logged_without_its_text(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise RuntimeError("CANARY")

    with caplog.at_level(logging.ERROR, "intake.worker"):
        guarded(app, Task("fail", fail, 60))()
    assert [record.getMessage() for record in caplog.records] == ["task_failed"]


def test_a_worker_ends_with_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[bool] = []

    class Scheduler:
        def shutdown(self, *, wait: bool) -> None:
            ended.append(wait)

    check = worker.leave_with_parent(Scheduler())  # type: ignore[arg-type]
    check()
    assert ended == []
    monkeypatch.setattr(os, "getppid", lambda: 1 if os.getpid() != 1 else 2)
    check()
    assert ended == [False]


@pytest.mark.parametrize("name", ["beat", "send", "remind", "expire-orders", "chain", "purge-claims", "purge-sign-in"])
def test_the_worker_has_its_tasks(tmp_path: Path, name: str) -> None:
    assert name in tasks_in(tmp_path)
