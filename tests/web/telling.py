"""Types something recognisable into every form of the app, in an order in which the app takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

from tests.web import world
from tests.web.client import Client
from tests.web.filling import Control, WebForm, forms_of
from tests.web.worlds import Clinic

CANARY = "quetzalquill"
NAME = "Quetzalname"
EMAIL = f"{CANARY}@example.org"
PHONE = "917 555 0199"
BORN = {"month": "7", "day": "23", "year": "1951"}
TYPED: Mapping[str, str] = {
    "email": EMAIL,
    "given_name": NAME,
    "family_name": NAME,
    "preferred_name": NAME,
    "phone": PHONE,
    "contact_phone": PHONE,
    "month": BORN["month"],
    "day": BORN["day"],
    "year": BORN["year"],
    "mg_per_day": "100",
    "start": "spring 2025",
    "stop": "fall 2025",
    "about": "",
    "began": "spring 2025",
    "sessions": "",
    "last_taken_on": "11/2/2026",
    "held_on": "2026-12-01",
    "held_time": "08:30",
    "pdmp_on": "2026-12-01",
    "pdmp_time": "08:00",
    "on": "2026-12-01",
    "at": "08:45",
    "next_contact_on": "2026-12-03",
    "expires_on": "2027-02-01",
    "weight_kg": "81.6",
    "height_cm": "",
    "systolic": "128",
    "diastolic": "82",
    "heart_rate": "72",
    "spo2": "98",
    "dose_mg_per_kg": "0.5",
    "every_days": "",
    "tolerance_days": "",
    "password": f"{CANARY} harbor sandwich 41",
    "again": f"{CANARY} harbor sandwich 41",
}
"""What is typed into a field by the last part of its name; anything else gets the canary."""


NO_LIMITS: Mapping[str, str] = dict.fromkeys(("max_gap_days", "max_span_days", "min_span_days", "max_in_7_days"), "")
"""An amendment that allows nothing beyond the protocol."""


def text_for(control: Control) -> str:
    """What is typed into a field."""
    return TYPED.get(control.name.rpartition("-")[2], f"{CANARY} once")


@dataclass
class Teller:
    """Goes through the app and remembers which addresses it was sent to."""

    clinic: Clinic
    sent: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    cookies: list[str] = field(default_factory=list)

    def tell(self, client: Client, path: str, *, to: str | None = None, status: int = 302, **values: object) -> None:
        """Open a page, fill in its form (the one that goes to `to`), send it. `values` replace what would be typed."""
        page = client.get(path)
        form = next(one for one in forms_of(page.body) if is_wanted(one, to))
        data = {key: value for key, value in (form.filled(text_for) | values).items() if value is not None}
        self.note(client, "POST", form.action or path, data, status)  # type: ignore[arg-type]  # texts and lists

    def note(self, client: Client, method: str, path: str, data: Mapping[str, str], status: int) -> None:
        """Send it and keep what the answer gives to the browser."""
        answer = client.post(path, data, status=status)
        self.sent.append(path)
        self.told.append(answer.location)
        cookie = client._client.get_cookie("intake")
        self.cookies.append(cookie.value if cookie else "")

    def code(self, role: str) -> str:
        """A code that was not used before."""
        self.clinic.clock.at += timedelta(minutes=1)
        with self.clinic.app.app_context():
            return world.current_code(self.clinic.world.account(role), self.clinic.clock.at)


def is_wanted(form: WebForm, to: str | None) -> bool:
    """Whether a form of a page is the page's own; signing out, finding and choosing a site are on every page."""
    if to is not None:
        return form.action.endswith(to)
    return form.method == "POST" and form.action in ("", "#")


def as_stranger(teller: Teller) -> None:
    """The public form, and every page of signing in."""
    client = teller.clinic.visitor()
    teller.tell(client, "/request")
    teller.tell(client, "/account/sign-in")
    teller.tell(client, "/account/sign-in/code", status=422)
    teller.tell(client, "/account/staff", status=422)
    teller.tell(client, "/account/forgot")


def as_patient(teller: Teller) -> None:
    """Every page of the form, then sending it; and the answer to a question."""
    client = teller.clinic.visitor("filling")
    for path in ("/patient/about/you", "/patient/about/reach", "/patient/about/messages", "/patient/reason"):
        teller.tell(client, path, began_forgotten=None)
    for kind, hidden in (("trial", {"still_taking": None}), ("medicine", {"last_taken": "day"})):
        new = f"/patient/{kind}s/new/{uuid4()}"
        own = {"doses-0-dose_forgotten": None, "doses-0-time_forgotten": None} if kind == "trial" else {}
        teller.tell(client, new, **hidden, **own)
        if kind == "trial":
            teller.tell(client, f"/patient/trials/{new.rpartition('/')[2]}/effect", added_to="", sessions=None)
    token = client.csrf_token()
    saved = {"reason": "depression", "began": "spring 2025", "hopes": CANARY, "version": "99", "csrf_token": token}
    teller.note(client, "POST", "/patient/autosave/reason/reason", saved, 200)
    for path in ("/patient/trials", "/patient/medicines", "/patient/mood"):
        teller.tell(client, path)
    teller.tell(client, "/patient/sign")
    question = teller.clinic.world.people["returned"].rows["question_id"]
    teller.tell(teller.clinic.visitor("returned"), f"/patient/questions/{question}")


def as_provider(teller: Teller) -> None:
    """Every form of a review, from the claim to the stopped order."""
    clinic = teller.clinic
    client, people = clinic.visitor("provider"), clinic.world.people
    person, asked, waiting = people["in-review"], people["sent"], people["declining"]
    chart = f"/provider/patients/{person.patient_id}"
    teller.tell(client, f"{chart}/contacts/new", channel="phone", outcome="reached", safety_checked="y")
    teller.tell(client, f"{chart}/trials/{person.rows['trial_id']}/verdict", verdict="not-rated")
    teller.tell(client, f"{chart}/evaluation", weight_unit="kg", height_unit="cm", code=teller.code("provider"))
    teller.tell(client, f"/provider/alerts/{person.rows['alert_id']}/close")
    teller.tell(client, f"{chart}/decision", kind="accepted-with-conditions")
    teller.tell(client, f"{chart}/order", regime="taper", code=teller.code("provider"))
    stopped = f"/provider/patients/{asked.patient_id}"
    medicine = asked.rows["medicine_id"]
    teller.tell(client, f"{stopped}/medicines/{medicine}/clearance")
    teller.tell(client, stopped, to="/claim")
    teller.tell(client, f"{stopped}/questions")
    teller.tell(client, f"/provider/patients/{waiting.patient_id}", to="/withdraw")
    teller.tell(client, f"/provider/patients/{waiting.patient_id}/decision", kind="declined", conditions=None)
    order = people["booked"]
    booked = f"/provider/patients/{order.patient_id}"
    teller.tell(client, f"{booked}/contacts/new", channel="phone", outcome="reached", safety_checked="y")
    amend = f"{booked}/orders/{order.order_id}/amend?kind=count"
    teller.tell(client, amend, status=200, infusions="8", **NO_LIMITS)
    teller.tell(client, f"{booked}/orders/{order.order_id}/stop")
    treated, midway = people["treated"], people["midway"]
    chart = f"/provider/patients/{midway.patient_id}"
    teller.tell(client, f"{chart}/series/{midway.series_id}/response-check", outcome="ask-again")
    asked_for = f"{chart}/orders/{midway.order_id}/amend?sign_off={midway.rows['sign_off_id']}"
    teller.tell(client, asked_for, press="decline", **NO_LIMITS)
    teller.tell(client, f"/provider/patients/{treated.patient_id}/orders/{treated.order_id}/boosters", advice="sooner")


def as_desk(teller: Teller) -> None:
    """What the desk types: a name to look for, hours and dates that cannot be read."""
    client, people = teller.clinic.visitor("desk"), teller.clinic.world.people
    teller.tell(client, "/desk/patients", to="/desk/patients", status=200)
    teller.tell(client, f"/desk/series/{people['ordered'].order_id}", to="/wishes", status=422)
    teller.tell(client, f"/desk/series/{people['treated'].order_id}/replan", to="/replan/wishes", status=422)
    teller.tell(client, "/desk/closings", status=422)
    teller.tell(client, f"/desk/boosters/{people['treated'].order_id}/call", status=422, outcome="call-again")
