"""Structured logs: events with opaque ids, a request id, never health data."""

from __future__ import annotations

import json
import logging
import time
from datetime import UTC, datetime
from uuid import uuid4

from flask import Flask, Response, g, has_request_context, request

STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
logger = logging.getLogger("intake.web")


class EventFormatter(logging.Formatter):
    """One event a line, as JSON or as readable text."""

    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self.as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        event = {"at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")}
        event |= {"level": record.levelname.lower(), "logger": record.name, "event": record.getMessage()}
        event |= {key: str(value) for key, value in vars(record).items() if key not in STANDARD}
        if has_request_context():
            event["request_id"] = g.get("request_id", "")
        if record.exc_info and record.exc_info[0]:
            event |= failure(record)
        return json.dumps(event) if self.as_json else " ".join(f"{key}={value}" for key, value in event.items())


def failure(record: logging.LogRecord) -> dict[str, str]:
    """Where an exception came from: its class and its place. Its text may quote input, so it is left out."""
    kind, _, trace = record.exc_info or (None, None, None)
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
    return {"error": kind.__name__ if kind else "", "place": place}


def init_app(app: Flask) -> None:
    """Send all logs of `intake` through one handler and log each request by endpoint, never by path."""
    root = logging.getLogger("intake")
    if not root.handlers:
        handler = logging.StreamHandler()
        root.addHandler(handler)
    root.handlers[0].setFormatter(EventFormatter(as_json=app.config["INTAKE_MODE"] == "production"))
    root.setLevel(logging.INFO)
    root.propagate = app.config["TESTING"]
    app.before_request(begin)
    app.after_request(end)


def begin() -> None:
    """Give the request an id and note when it began; again on the spot where a request broke before the hook."""
    g.request_id, g.began = uuid4().hex, time.perf_counter()


def end(response: Response) -> Response:
    """Log the request: method, endpoint, status, milliseconds."""
    if "began" not in g:
        begin()
    if request.endpoint != "static":
        took = (time.perf_counter() - g.began) * 1000
        seen = {"method": request.method, "endpoint": request.endpoint, "status": response.status_code}
        logger.info("request", extra={**seen, "ms": f"{took:.1f}"})
    response.headers["X-Request-Id"] = g.request_id
    return response
