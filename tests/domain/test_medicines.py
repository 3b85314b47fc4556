"""Findings on current medicines."""

from __future__ import annotations

import copy
from datetime import UTC, date, datetime
from typing import Any

import pytest

from intake.domain.errors import DomainError
from intake.domain.screening.benzodiazepines import equivalents
from intake.domain.screening.medicines import AS_NEEDED, DAILY, QT_BURDEN, RULES_VERSION, Medicine, MedicineCheck, check
from intake.domain.screening.reading import answer
from intake.domain.screening.sources import UNRECOGNISED, Severity, interactions

TODAY = date(2025, 7, 1)
INFUSION = datetime(2025, 7, 2, 9)  # noqa: DTZ001 - clinic time, as the format writes it
ALCOHOL = "Alcohol, same day or within 24 hours"

SHARED_EXAMPLE: dict[str, Any] = {
    "as_of": "2025-07-01",
    "infusion_at": "2025-07-02T09:00",
    "medicines": [
        {"id": "m1", "name": "Xanax", "mg_per_day": 1.5, "as_needed": False, "last_taken": "2025-07-01"},
        {"id": "m2", "name": "Lamictal 200 mg tablets"},
        {"id": "m3", "name": "Contrave"},
        {"id": "m4", "name": "Wellbutrin XL"},
        {"id": "m5", "name": "Ativan", "as_needed": True},
        {"id": "m6", "name": "blue heart pill"},
    ],
}


def _checked(*names: str, **values: Any) -> MedicineCheck:
    medicines = [Medicine(f"m{place}", name, **values) for place, name in enumerate(names, 1)]
    return check(medicines, as_of=TODAY, infusion_at=INFUSION)


def _rows(found: MedicineCheck) -> list[list[str]]:
    return [[finding.row for finding in each.findings] for each in found.medicines]


def test_the_shared_example_is_answered_as_written() -> None:
    found = answer(SHARED_EXAMPLE, today=TODAY)
    told = [
        (m["id"], m["matched"], m["match"], [(f["row"], f["severity"], f["verified"]) for f in m["findings"]])
        for m in found["medicines"]
    ]
    assert told == [
        ("m1", "alprazolam", "brand", [("Benzodiazepines, daily", "clearance", True)]),
        ("m2", "lamotrigine", "brand", [("Lamotrigine", "caution", True)]),
        (
            "m3",
            "naltrexone + bupropion",
            "brand",
            [("Opioid antagonists", "clearance", True), ("Bupropion", "note", True)],
        ),
        ("m4", "bupropion", "brand", [("Bupropion", "note", True)]),
        ("m5", "lorazepam", "brand", []),
        ("m6", None, "none", [("Unrecognised medicine name", "clearance", False)]),
    ]
    assert [(q["id"], q["row"]) for q in found["questions"]] == [("m5", AS_NEEDED)]
    assert found["diazepam_equivalent_mg_per_day"] == 30.0
    assert (found["duplicates"], found["unknown"]) == ([["m3", "m4"]], ["m6"])


def test_a_finding_carries_action_and_source() -> None:
    finding = _checked("phenelzine").medicines[0].findings[0]
    assert finding.severity is Severity.CLEARANCE
    assert "washout" in finding.action
    assert "Ludwig 2021" in finding.source
    assert finding.is_verified


def test_read_in_a_secondary_source_is_not_verified() -> None:
    assert [f.is_verified for f in _checked("Adderall").medicines[0].findings] == [False]


def test_a_matched_name_without_a_row_has_no_finding_and_is_recognised() -> None:
    found = _checked("atorvastatin")
    assert (_rows(found), found.unknown) == ([[]], ())
    assert found.medicines[0].is_recognised


def test_a_name_not_recognised_is_never_safe() -> None:
    found = _checked("blue heart pill")
    assert (_rows(found), found.unknown) == ([[UNRECOGNISED]], ("m1",))


@pytest.mark.parametrize(
    ("last_taken", "is_found"),
    [
        (date(2025, 7, 2), True),
        (date(2025, 7, 1), True),  # a bare date may lie in the 24 hours
        (date(2025, 6, 30), False),
        (datetime(2025, 7, 1, 9), True),  # noqa: DTZ001 - exactly 24 hours
        (datetime(2025, 7, 1, 8, 59), False),  # noqa: DTZ001
        (datetime(2025, 7, 2, 9), True),  # noqa: DTZ001
    ],
)
@pytest.mark.parametrize(("name", "row", "as_needed"), [("Ativan", AS_NEEDED, True), ("wine", ALCOHOL, False)])
def test_rows_tied_to_time_look_at_the_24_hours_before(
    name: str, row: str, as_needed: bool, last_taken: date, is_found: bool
) -> None:
    found = _checked(name, as_needed=as_needed, last_taken=last_taken)
    assert _rows(found) == [[row] if is_found else []]
    assert not found.questions


def test_midnight_belongs_to_the_day_that_begins() -> None:
    midnight = datetime(2025, 7, 2)  # noqa: DTZ001
    wine = Medicine("m1", "wine", last_taken=date(2025, 6, 30))
    assert _rows(check([wine], as_of=TODAY, infusion_at=midnight)) == [[]]


@pytest.mark.parametrize(("last_taken", "infusion_at"), [(None, INFUSION), (date(2025, 7, 1), None), (None, None)])
def test_without_both_times_a_question_stands_instead(last_taken: date | None, infusion_at: datetime | None) -> None:
    found = check([Medicine("m1", "beer", last_taken=last_taken)], as_of=TODAY, infusion_at=infusion_at)
    assert _rows(found) == [[]]
    assert [(q.medicine_id, q.row) for q in found.questions] == [("m1", ALCOHOL)]


def test_other_rows_fire_at_any_time() -> None:
    assert _rows(_checked("Xanax", mg_per_day=1, last_taken=date(2020, 1, 1))) == [[DAILY]]


@pytest.mark.parametrize(
    "infusion_at", [INFUSION, datetime(2025, 7, 2, 9, tzinfo=UTC)], ids=["clinic time", "with a zone"]
)
def test_a_last_dose_after_the_infusion_is_refused(infusion_at: datetime) -> None:
    with pytest.raises(DomainError) as refused:
        check([Medicine("m1", "wine", last_taken=date(2025, 7, 3))], as_of=TODAY, infusion_at=infusion_at)
    assert refused.value.field == "last_taken"


def test_times_with_and_without_a_zone_are_not_compared() -> None:
    wine = Medicine("m1", "wine", last_taken=datetime(2025, 7, 1, 9, tzinfo=UTC))
    with pytest.raises(DomainError, match="time zone"):
        check([wine], as_of=TODAY, infusion_at=INFUSION)


@pytest.mark.parametrize(
    ("names", "fires"),
    [
        (["Celexa"], [False]),
        (["Celexa", "citalopram 20 mg"], [False, False]),  # one drug, counted by component
        (["Celexa", "Zofran"], [True, True]),
        (["Celexa", "atorvastatin", "methadone"], [True, False, True]),
        (["Nuedexta", "Zofran"], [True, True]),  # by its quinidine
    ],
)
def test_the_qt_row_fires_from_the_second_drug_on_each(names: list[str], fires: list[bool]) -> None:
    assert [QT_BURDEN in rows for rows in _rows(_checked(*names))] == fires


@pytest.mark.parametrize(
    ("names", "pairs"),
    [
        (["Contrave", "Wellbutrin XL"], (("m1", "m2"),)),
        (["Depakote", "valproic acid"], (("m1", "m2"),)),
        (["Toprol XL", "Lopressor", "Toprol XL"], (("m1", "m2"), ("m1", "m3"), ("m2", "m3"))),
        (["lithium carbonate", "lithium citrate"], (("m1", "m2"),)),
        (["naltrexone", "low-dose naltrexone"], (("m1", "m2"),)),
        (["Percocet", "Norco"], (("m1", "m2"),)),
        (["ketamine", "Spravato"], ()),
        (["pink pill", "pink pill"], ()),  # unmatched names share nothing
    ],
)
def test_medicines_that_share_a_component_are_duplicates(names: list[str], pairs: tuple[tuple[str, str], ...]) -> None:
    assert _checked(*names).duplicates == pairs


@pytest.mark.parametrize(
    ("name", "mg", "equivalent", "is_over"),
    [
        ("diazepam", 8, 8.0, False),  # the limit itself is not above it
        ("diazepam", 8.1, 8.1, True),
        ("Xanax", 0.5, 10.0, True),
        ("Klonopin", 0.25, 5.0, False),
        ("Ativan", 0.3, 3.0, False),
        ("temazepam", 15, 7.5, False),
        ("atorvastatin", 40, 0.0, False),
    ],
)
def test_daily_benzodiazepines_are_reckoned_as_diazepam(name: str, mg: float, equivalent: float, is_over: bool) -> None:
    load = _checked(name, mg_per_day=mg).load
    assert (load.mg_per_day, load.is_over_limit) == (equivalent, is_over)


def test_the_load_is_a_sum_with_its_table_and_never_verified() -> None:
    load = _checked("Xanax", "Ativan", mg_per_day=1).load
    assert (load.mg_per_day, load.is_verified) == (30.0, False)
    assert [(each.molecule, each.mg) for each in load.used] == [("alprazolam", 0.5), ("lorazepam", 1.0)]
    assert load.source


@pytest.mark.parametrize(("name", "mg"), [("Xanax", None), ("midazolam", 5)])
def test_a_load_that_cannot_be_reckoned_is_asked_about(name: str, mg: float | None) -> None:
    found = check([Medicine("a", name, mg), Medicine("b", "Ativan", 1)], as_of=TODAY, infusion_at=INFUSION)
    assert found.load.mg_per_day is None
    assert [(q.medicine_id, q.row) for q in found.questions] == [("a", DAILY)]


def test_as_needed_benzodiazepines_are_left_out_of_the_load() -> None:
    found = _checked("Xanax", mg_per_day=2, as_needed=True, last_taken=TODAY)
    assert (found.load.mg_per_day, _rows(found)) == (0.0, [[AS_NEEDED]])


def test_every_benzodiazepine_of_the_interactions_but_midazolam_has_a_figure() -> None:
    members = {name for row in _checked("Xanax").medicines[0].match.rows for name in _members(row)}
    assert members - set(equivalents()) == {"midazolam"}


def _members(row: str) -> tuple[str, ...]:
    return next(source.members for source in interactions() if source.agent == row)


def _changed(key: str, value: Any) -> dict[str, Any]:
    document = copy.deepcopy(SHARED_EXAMPLE)
    document["medicines"][0][key] = value
    return document


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ([], "list"),
        ({}, "list, medicines"),
        ({"medicines": [{}]}, "medicine m1, name"),
        ({"medicines": [{"id": "x", "name": ""}]}, "medicine x, name"),
        ({"medicines": ["Xanax"]}, "medicine m1"),
        ({"medicines": [], "today": "x"}, "list, today"),
        ({"medicines": [], "as_of": "2025-7-1"}, "list, as_of"),
        ({"medicines": [], "as_of": "2025-07-01T09:00"}, "list, as_of"),
        ({"medicines": [], "infusion_at": "2025-07-01"}, "list, infusion_at"),
        ({"medicines": [], "infusion_at": "2025-07-01T25:00"}, "list, infusion_at"),
        ({"medicines": [{"name": "Xanax"}, {"id": "m1", "name": "Ativan"}]}, "medicine m1, id"),
        (_changed("dose", 1), "medicine m1, dose"),
        (_changed("mg_per_day", 0), "medicine m1, mg_per_day"),
        (_changed("mg_per_day", "1"), "medicine m1, mg_per_day"),
        (_changed("as_needed", "yes"), "medicine m1, as_needed"),
        (_changed("last_taken", "yesterday"), "medicine m1, last_taken"),
        (_changed("last_taken", "2025-02-30"), "medicine m1, last_taken"),
        (_changed("last_taken", "2025-07-02T09:01"), "medicine m1, last_taken"),
    ],
)
def test_a_malformed_list_is_refused_by_medicine_and_key(document: object, told: str) -> None:
    with pytest.raises(DomainError, match=f"^{told}: "):
        answer(document, today=TODAY)


def test_only_the_name_is_required_and_ids_count_from_one() -> None:
    found = answer({"medicines": [{"name": "Zoloft"}, {"name": "Celexa", "mg_per_day": None}]}, today=TODAY)
    assert [medicine["id"] for medicine in found["medicines"]] == ["m1", "m2"]


def test_the_version_fits_the_column_that_clearances_keep_it_in() -> None:
    assert len(RULES_VERSION) <= 40
