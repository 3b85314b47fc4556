"""The floor: the least that a Flask application can do for the same work, with the rule of no double booking kept.

No sign-in, no permission, no audit, no CSRF. SQLite: WAL, BEGIN IMMEDIATE, overlap test and insert in one transaction.
PostgreSQL: an exclusion constraint on (staff, time range), behind an advisory lock a day.
"""

from __future__ import annotations

import os
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Flask, jsonify, render_template_string, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.exc import IntegrityError

HOUR = timedelta(hours=1)
TEMPLATE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Open times</title></head><body>
<h1>Open times</h1>
{% for d, slots in days %}<section><h2>{{ d }}</h2><ul>
{% for s in slots %}<li><a href="/book?t={{ d }}T{{ s }}">{{ s }}</a></li>
{% endfor %}</ul></section>{% endfor %}</body></html>"""
TABLES = {
    "sqlite": (
        "CREATE TABLE booking(id integer PRIMARY KEY, staff int NOT NULL, name text NOT NULL, s text NOT NULL,"
        " e text NOT NULL, CHECK (e > s))",
        "CREATE INDEX booking_i ON booking(staff, s, e)",
    ),
    "postgresql": (
        "CREATE EXTENSION IF NOT EXISTS btree_gist",
        "CREATE TABLE booking(id bigserial PRIMARY KEY, staff int NOT NULL, name text NOT NULL, s timestamp NOT NULL,"
        " e timestamp NOT NULL, CHECK (e > s), EXCLUDE USING gist (staff WITH =, tsrange(s, e) WITH &&))",
        "CREATE INDEX booking_i ON booking(staff, s, e)",
    ),
}

app = Flask(__name__)
engine = create_engine(os.environ.get("FLOOR_DB", "sqlite://"), pool_size=4, max_overflow=4)
is_sqlite = engine.dialect.name == "sqlite"
if is_sqlite:

    @event.listens_for(engine, "connect")
    def _set_pragmas(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if request and request.method == "POST" else "BEGIN")


def fill(count: int, first: date) -> None:
    """Make the table with `count` hours booked, four a day from `first` on."""
    starts = [datetime.combine(first + timedelta(days=n // 4), time(9 + 2 * (n % 4))) for n in range(count)]
    new = text("INSERT INTO booking(staff, name, s, e) VALUES (1, 'seed', :s, :e)")
    with engine.begin() as connection:
        for statement in TABLES[engine.dialect.name]:
            connection.exec_driver_sql(statement)
        connection.execute(new, [_span(start, start + HOUR) for start in starts])


def _span(start: datetime, end: datetime) -> dict[str, Any]:
    return {"s": start.isoformat(sep=" "), "e": end.isoformat(sep=" ")} if is_sqlite else {"s": start, "e": end}


@app.get("/slots")
def slots() -> ResponseReturnValue:
    """The open hours of some days, every half hour from nine to four."""
    first, count = date.fromisoformat(request.args["day"]), int(request.args.get("days", 1))
    begin = datetime.combine(first, time())
    with engine.connect() as connection:
        asked = text("SELECT s, e FROM booking WHERE staff = 1 AND s >= :s AND s < :e")
        rows = [tuple(row) for row in connection.execute(asked, _span(begin, begin + timedelta(days=count)))]
    if is_sqlite:
        rows = [(datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in rows]
    busy: dict[date, list[tuple[int, int]]] = {}
    for start, end in rows:
        busy.setdefault(start.date(), []).append((start.hour * 60 + start.minute, end.hour * 60 + end.minute))
    days = [first + timedelta(days=ahead) for ahead in range(count)]
    return render_template_string(TEMPLATE, days=[(day, _free(busy.get(day, []))) for day in days])


def _free(busy: list[tuple[int, int]]) -> list[str]:
    return [
        f"{minute // 60:02d}:{minute % 60:02d}"
        for minute in range(540, 961, 30)
        if not any(minute < end and minute + 60 > start for start, end in busy)
    ]


@app.post("/book")
def book() -> ResponseReturnValue:
    """One hour, or 409."""
    start = datetime.fromisoformat(request.form["start"])
    span = _span(start, start + HOUR)
    try:
        with engine.begin() as connection:
            if not is_sqlite:
                key = 1_000_000 + start.toordinal()
                connection.execute(text("SELECT pg_advisory_xact_lock(:k)"), {"k": key})
            taken = text("SELECT 1 FROM booking WHERE staff = 1 AND s < :e AND e > :s")
            if is_sqlite and connection.execute(taken, span).first():
                return jsonify(error="taken"), 409
            new = text("INSERT INTO booking(staff, name, s, e) VALUES (1, :n, :s, :e)")
            connection.execute(new, {"n": request.form.get("name", "")[:80], **span})
    except IntegrityError:
        return jsonify(error="taken"), 409
    return jsonify(ok=True), 201


@app.get("/healthz")
def healthz() -> ResponseReturnValue:
    """It answers."""
    return "ok"
