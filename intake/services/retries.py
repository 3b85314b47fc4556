"""Trying a whole transaction again where two writers crossed; nothing here hides a refusal."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from sqlalchemy.exc import DBAPIError

from intake.services.errors import Busy

TRIES = 3
CROSSED = frozenset({"40001", "40P01"})  # serialization_failure, deadlock_detected
LOCK_NOT_AVAILABLE = "55P03"
PAUSE_SECONDS = 0.05

P = ParamSpec("P")
R = TypeVar("R")


def retried(work: Callable[P, R]) -> Callable[P, R]:
    """Run a service again, up to three times in all, when the database says that two writers crossed.

    A lock that was not given in time raises `Busy`: it never reads as "taken". SQLite gives its one lock to writers
    in no order, so there a writer that had no luck queues again before it is told so.
    """

    @wraps(work)
    def trying(*args: P.args, **kwargs: P.kwargs) -> R:
        for attempt in range(1, TRIES + 1):
            try:
                return work(*args, **kwargs)
            except DBAPIError as error:
                if not is_worth_trying(error):
                    raise
                time.sleep(random.uniform(0, PAUSE_SECONDS) * attempt)
        raise Busy

    return trying


def is_worth_trying(error: DBAPIError) -> bool:
    """Whether trying again is right; raises `Busy` where PostgreSQL waited for a lock in vain."""
    state = getattr(error.orig, "sqlstate", None)
    if state == LOCK_NOT_AVAILABLE:
        raise Busy from error
    return state in CROSSED or getattr(error.orig, "sqlite_errorname", "").startswith("SQLITE_BUSY")
