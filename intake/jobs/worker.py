"""The worker process: APScheduler's clock around the tasks. Only this module imports APScheduler."""

from __future__ import annotations

import logging
import os
import signal
import socket
from collections.abc import Callable

from apscheduler.schedulers.blocking import BlockingScheduler
from flask import Flask

from intake.extensions import db
from intake.jobs.tasks import Task, all_tasks

NIGHT_HOUR = 3
GRACE_SECONDS = 3600
logger = logging.getLogger("intake.worker")


def run(app: Flask) -> None:
    """Run until TERM or INT, or until the parent is gone."""
    config = app.config["INTAKE"]
    owner = f"{socket.gethostname()}:{os.getpid()}"[:60]
    sender = config.mail_sender or "Front desk <desk@example.org>"
    scheduler = BlockingScheduler(timezone="UTC")
    places = {"anchor": config.instance / "audit-anchor.txt", "packs": config.downtime}
    for task in all_tasks(owner, mail_url=config.mail, sender=sender, pack_hours=config.downtime_hours, **places):
        add(scheduler, app, task)
    scheduler.add_job(leave_with_parent(scheduler), "interval", seconds=2, id="parent", max_instances=1)
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: scheduler.shutdown(wait=False))
    logger.info("worker_started", extra={"owner": owner})
    scheduler.start()
    logger.info("worker_stopped", extra={"owner": owner})


def add(scheduler: BlockingScheduler, app: Flask, task: Task) -> None:
    """Schedule a task; each run has its own application context, and a failure is logged, not fatal."""

    def guarded() -> None:
        with app.app_context():
            try:
                task.run()
            except Exception as error:
                logger.error("task_failed", extra={"task": task.name}, exc_info=error)
                db.session.rollback()

    options = {"id": task.name, "coalesce": True, "max_instances": 1, "misfire_grace_time": GRACE_SECONDS}
    if task.seconds:
        scheduler.add_job(guarded, "interval", seconds=task.seconds, **options)
        scheduler.add_job(guarded, id=f"{task.name}-first", max_instances=1)
    else:
        scheduler.add_job(guarded, "cron", hour=NIGHT_HOUR, **options)


def leave_with_parent(scheduler: BlockingScheduler) -> Callable[[], None]:
    """A job that ends the worker when whoever started it is gone, so that none is left behind."""
    parent = os.getppid()

    def check() -> None:
        if os.getppid() != parent:
            scheduler.shutdown(wait=False)

    return check
