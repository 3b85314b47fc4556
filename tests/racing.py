"""Many at once: each racer is a process of its own with connections of its own, and all start at the same moment."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.context import ForkContext, ForkProcess
from multiprocessing.synchronize import Barrier
from typing import Any

from flask import Flask

from intake.extensions import db
from intake.services.errors import Busy

BUSY_TRIES = 8
PATIENCE = 120  # seconds for the slowest of them


def until_not_busy(work: Callable[[], Any]) -> Any:
    """Do as the page says after "busy, try again": on a crowded machine many at once wait longer than a lock may."""
    for _ in range(BUSY_TRIES):
        with suppress(Busy):
            return work()
    return work()


def race(app: Flask, racer: Callable[[int], Any], count: int) -> list[Any]:
    """What `racer(0)` … `racer(count - 1)` answered, or the exception that each raised, in this order.

    Each runs inside an app context of its own process. Answers travel between processes: keep them plain. What the
    caller has not committed is rolled back first, and its rows are read anew afterwards.
    """
    with app.app_context():
        engine = db.engine
    db.session.rollback()
    engine.dispose()  # no connection may cross a fork
    forks = multiprocessing.get_context("fork")
    barrier = forks.Barrier(count)
    started = [_start(forks, barrier, app, racer, number) for number in range(count)]
    answers = [_answer_of(pipe) for _, pipe in started]
    for process, _ in started:
        process.join(timeout=PATIENCE)
    return answers


def _start(
    forks: ForkContext, barrier: Barrier, app: Flask, racer: Callable[[int], Any], number: int
) -> tuple[ForkProcess, Connection]:
    ours, theirs = forks.Pipe(duplex=False)
    process = forks.Process(target=_run, args=(theirs, barrier, app, racer, number), daemon=True)
    process.start()
    theirs.close()
    return process, ours


def _run(pipe: Connection, barrier: Barrier, app: Flask, racer: Callable[[int], Any], number: int) -> None:
    with app.app_context():
        barrier.wait(PATIENCE)
        try:
            answer = racer(number)
        except Exception as error:  # the caller judges it
            answer = error
        db.session.remove()
    pipe.send(answer)


def _answer_of(pipe: Connection) -> Any:
    if not pipe.poll(PATIENCE):
        raise TimeoutError(f"a racer gave no answer within {PATIENCE} s")
    return pipe.recv()
