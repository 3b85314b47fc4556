"""Pages over HTTP, as one signed-in browser sees them: SQLite and PostgreSQL, beside the floor, in turns.

gunicorn with the project's own settings (gthread, 2 × 4, preload), in production mode, on a clinic of 200,000
appointments; sign-in, permission, audit and CSRF are in place. Sessions are made by this script, so that no throttle
is in the way or weakened.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from uuid import UUID, uuid4

from flask import Flask

from config import ROOT, Config
from intake import create_app
from intake.domain.roles import Role
from intake.extensions import db, transaction
from intake.keyring import write_new_keys
from intake.models.people import Patient
from intake.services import series, sessions
from tests import charts, factories
from tests.bench import big_clinic, figures, serving
from tests.bench.big_clinic import BigClinic
from tests.bench.serving import Client
from tests.databases import KINDS, Databases
from tests.web.filling import forms_of

PASSES = 5
COUNTS = {"day": 60, "month": 40, "book": 30, "series": 12, "plans page": 30}
USUALLY = 60
FLOOR_ROWS = 10_000
SERVER = ["--config", str(ROOT / "gunicorn.conf.py")]
FLOOR_SERVER = ["--worker-class", "gthread", "--workers", "2", "--threads", "4", "--preload"]
TARGETS = {
    "day": (4, 6),
    "month": (10, 12),
    "book": (6, 10),
    "series": (20, 30),
    "patient page": (4, 7),
    "patient save": (6, 9),
    "queue": (8, 12),
    "chart": (12, 16),
    "board": (12, 16),
    "plans page": (150, 150),
}
Work = Callable[[], float]
"""Does one thing and says how long the measured request took, in ms; what prepares it is not in there."""


@dataclass
class Bench:
    """One clinic behind one server, and the floor beside it."""

    app: Flask
    clinic: BigClinic
    port: int
    floor_port: int
    now: datetime
    taken: dict[str, list[list[float]]] = field(default_factory=lambda: defaultdict(list))

    def browser(self, account_id: UUID, site_id: UUID | None = None) -> Client:
        """A browser of somebody who is signed in, at a site."""
        with self.app.app_context():
            token = sessions.open_for(account_id, browser="Bench", second_factor=True, now=datetime.now(UTC))
            row = sessions.find(token, datetime.now(UTC))
            assert row is not None
            key = row.id
            db.session.rollback()
            if site_id is not None:
                sessions.choose_site(key, site_id)
            return Client(self.port, serving.cookie_for(self.app, token))


def main() -> None:
    """Measure on both databases and print a table for each."""
    for kind in KINDS:
        with standing(kind) as bench:
            measure(bench, works_of(bench))
            print(f"### {kind}\n\n{table_of(bench, KINDS.index(kind))}\n", flush=True)


@contextmanager
def standing(kind: str) -> Iterator[Bench]:
    """A filled database of one kind with both servers on it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="intake-bench-")))
        folder.chmod(0o755)
        databases = Databases(folder, durable=True)
        stack.callback(databases.close)
        write_new_keys(folder / "keys.json")
        environment = serving.production(folder, databases.fresh(kind))
        app = create_app(Config.from_environment(environment))
        now = datetime.now(UTC)
        with app.app_context():
            clinic = big_clinic.build(now)
        floor_url = databases.empty(kind)
        fill_floor(floor_url)
        floor = ["tests.bench.floor_app:app", *FLOOR_SERVER]
        port, _ = stack.enter_context(serving.serving([*SERVER, "wsgi:app"], environment))
        floor_port, _ = stack.enter_context(serving.serving(floor, {"FLOOR_DB": driver_url(floor_url)}))
        yield Bench(app, clinic, port, floor_port, now)


def fill_floor(url: str) -> None:
    """Make the floor's table in a process of its own, since it reads its database when it is imported."""
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date()
    code = f"from datetime import date; from tests.bench.floor_app import fill; fill({FLOOR_ROWS}, {tomorrow!r})"
    code = code.replace("datetime.date", "date")
    subprocess.run([sys.executable, "-c", code], env=os.environ | {"FLOOR_DB": driver_url(url)}, cwd=ROOT, check=True)


def driver_url(url: str) -> str:
    """The URL with the driver that is installed."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def measure(bench: Bench, works: dict[str, Work]) -> None:
    """Everything once to warm up, then pass after pass, in each all works in turn."""
    for work in works.values():
        for _ in range(4):
            work()
    for _ in range(PASSES):
        for name, work in works.items():
            bench.taken[name].append([work() for _ in range(COUNTS.get(name.removeprefix("floor "), USUALLY))])


def table_of(bench: Bench, database: int) -> str:
    """p50, p95, p99 of all, the range of the passes' medians, the target, and the ratio to the floor or empty page."""
    middle = {name: median(sum(passes, [])) for name, passes in bench.taken.items()}
    rows = []
    for name, passes in bench.taken.items():
        every = sum(passes, [])
        medians = [median(one) for one in passes]
        beside = "floor " + name if "floor " + name in middle else "empty page"
        limit = TARGETS.get(name, (None, None))[database]
        rows.append(
            (
                name,
                *(f"{figures.percentile(every, share):.1f}" for share in (0.5, 0.95, 0.99)),
                f"{min(medians):.1f} to {max(medians):.1f}",
                f"≤ {limit}" if limit else "",
                "" if name.startswith("floor") else f"{middle[name] / middle[beside]:.1f} × {beside}",
            )
        )
    return figures.table(("work", "p50 ms", "p95", "p99", "passes", "target", "ratio"), rows)


def works_of(bench: Bench) -> dict[str, Work]:
    """What is measured, by name, in the order in which it takes turns."""
    clinic = bench.clinic
    desk = bench.browser(clinic.desk_id, clinic.rooms[1].id)
    provider = bench.browser(clinic.provider_id, clinic.rooms[0].id)
    large = bench.browser(clinic.desk_id, clinic.rooms[0].id)
    patient_id = charted(bench)
    return {
        "empty page": getting(desk, "/desk/patients"),
        **patient_works(bench),
        "queue": getting(provider, "/provider/"),
        "chart": getting(provider, f"/provider/patients/{patient_id}"),
        "board": getting(large, f"/desk/?day={clinic.board_day}"),
        **visit_works(bench, desk),
        **series_works(bench),
        **floor_works(bench),
    }


def getting(client: Client, path: str, *, kilobytes: float = 0) -> Work:
    """The GET of a page that stays as it is."""

    def work() -> float:
        return timed(lambda: expect(client.get(path).status, 200))

    return work


def timed(act: Callable[[], object]) -> float:
    """How long it took, in ms."""
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def expect(status: int, wanted: int) -> None:
    """A figure of a refusal is no figure."""
    if status != wanted:
        raise AssertionError(f"{status} instead of {wanted}")


def patient_works(bench: Bench) -> dict[str, Work]:
    """The page of the PHQ-9, read and saved."""
    room, patient_id = bench.clinic.rooms[0], bench.clinic.patients[0][-1]
    with bench.app.app_context():
        account_id = factories.an_account(Role.PATIENT, name="Person Invented")
        with transaction() as session:
            session.get_one(Patient, patient_id).account_id = account_id
        factories.a_consultation(patient_id)
    client = bench.browser(account_id, room.id)

    def save() -> float:
        page = next(one for one in forms_of(client.get("/patient/mood").text) if "version" in one.controls)
        pairs = [(name, str(value)) for name, value in page.filled(lambda _: "1").items() if name != "csrf_token"]
        return timed(lambda: expect(client.post("/patient/mood", pairs).status, 302))

    return {"patient page": getting(client, "/patient/mood"), "patient save": save}


def visit_works(bench: Bench, desk: Client) -> dict[str, Work]:
    """Open times of a consultation on a day and over thirty days at a site of six chairs, and one of them booked."""
    clinic = bench.clinic
    people = iter(clinic.patients[1][::-1])
    path = f"/desk/patients/{clinic.patients[1][5]}/visit?kind=consultation"
    first = clinic.board_day + timedelta(days=7)
    hours = (
        (day, hour)
        for day in (first + timedelta(days=ahead) for ahead in range(90))
        if day.weekday() < 5
        for hour in range(8, 16)
    )

    def book() -> float:
        (day, hour), patient_id = next(hours), next(people)
        fields = {"slot": f'[["{day}",{hour * 60},""]]', "request_key": str(uuid4())}
        where = f"/desk/patients/{patient_id}/visit?kind=consultation&day={day}"
        return timed(lambda: expect(desk.post(where, fields).status, 302))

    return {"day": getting(desk, f"{path}&day={first}"), "month": getting(desk, path), "book": book}


def charted(bench: Bench) -> UUID:
    """Somebody with five trials, six medicines and three scores."""
    patient_id = bench.clinic.patients[0][0]
    with bench.app.app_context():
        with transaction() as session:
            session.get_one(Patient, patient_id).account_id = None
        account_id = factories.an_account(Role.PATIENT, name="Person Invented")
        with transaction() as session:
            session.get_one(Patient, patient_id).account_id = account_id
        for treatment in ("sertraline", "venlafaxine", "bupropion", "mirtazapine", "escitalopram"):
            charts.a_trial(patient_id, treatment)
        for medicine in ("lorazepam", "levothyroxine", "lisinopril", "metformin", "lamotrigine", "sertraline"):
            charts.a_medicine(patient_id, medicine)
        for weeks in range(3):
            charts.a_phq9(patient_id, at=bench.now - timedelta(weeks=weeks))
    return patient_id


def series_works(bench: Bench) -> dict[str, Work]:
    """The page with three plans, planned from what is booked; and one of them booked, six infusions in one transaction.

    The planning is in the first and not in the second.
    """
    clinic, wanted = bench.clinic, 5 + PASSES * COUNTS["series"]
    order_ids: list[tuple[UUID, Client]] = []
    with bench.app.app_context():
        protocol_id = factories.a_protocol()
    for number in range(wanted):
        place = 1 + number % (len(clinic.rooms) - 1)
        site_id, patient_id = clinic.rooms[place].id, clinic.patients[place][number]
        client = bench.browser(clinic.desk_id, site_id)
        with bench.app.app_context():
            order_ids.append((ready_order(bench, patient_id, site_id, protocol_id), client))

    def work() -> float:
        order_id, client = order_ids.pop()
        page = client.get(f"/desk/series/{order_id}")
        form = next(one for one in forms_of(page.text) if one.action.endswith("/book"))
        pairs = [(name, str(value)) for name, value in form.as_it_stands().items() if name != "csrf_token"]
        return timed(lambda: expect(client.post(f"/desk/series/{order_id}/book", pairs).status, 302))

    order_id, client = order_ids.pop()
    return {"plans page": getting(client, f"/desk/series/{order_id}"), "series": work}


def ready_order(bench: Bench, patient_id: UUID, site_id: UUID, protocol_id: UUID) -> UUID:
    """A signed order with the patient's wishes kept: mornings and afternoons of four weekdays."""
    order_id = factories.an_order(
        patient_id,
        bench.clinic.provider_id,
        protocol_id=protocol_id,
        expires_on=(bench.now + timedelta(days=90)).date(),
    )
    wishes = {
        "available": {day: [["08:00", "17:00"]] for day in ("mon", "tue", "thu", "fri")},
        "preferred": {"from": "08:00", "to": "12:00"},
    }
    key = UUID(int=order_id.int ^ 1)
    actor_id = bench.clinic.desk_id
    series.keep_wishes(order_id, wishes, site_id=site_id, request_key=key, actor_id=actor_id, now=bench.now)
    return order_id


def floor_works(bench: Bench) -> dict[str, Work]:
    """The same for the floor, where it has it."""
    client = Client(bench.floor_port)
    far = bench.now.date() + timedelta(days=200)
    next_hour = iter(range(100_000))

    def book() -> float:
        number = next(next_hour)
        day = date(2040, 1, 2) + timedelta(days=number // 8)
        fields = {"start": f"{day}T{9 + number % 8:02d}:00", "name": "bench"}
        return timed(lambda: expect(client.post("/book", fields).status, 201))

    return {
        "floor day": getting(client, f"/slots?day={far}"),
        "floor month": getting(client, f"/slots?day={far}&days=30"),
        "floor book": book,
    }
