"""The form of a list of medicines: each sentence of medicines-format, the schemas, and lists that are malformed."""

from __future__ import annotations

import copy
import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.domain.data import read_table
from intake.domain.errors import DomainError
from intake.domain.screening.name_list import listed
from intake.domain.screening.reading import answer
from intake.domain.screening.sources import interactions
from tests.domain.schemas import faults
from tests.domain.test_history_properties import _VALUES
from tests.domain.test_medicines import SHARED_EXAMPLE

TODAY = date(2025, 7, 1)
DAILY = "Benzodiazepines, daily"
AS_NEEDED = "Benzodiazepines, as-needed within 24 hours of infusion"
ALCOHOL = "Alcohol, same day or within 24 hours"
QT = "QT-prolonging burden"


def checked(*medicines: dict[str, Any], infusion_at: str | None = "2025-07-02T09:00") -> dict[str, Any]:
    return answer({"as_of": "2025-07-01", "infusion_at": infusion_at, "medicines": list(medicines)}, today=TODAY)


def rows(found: dict[str, Any]) -> list[list[str]]:
    return [[finding["row"] for finding in each["findings"]] for each in found["medicines"]]


NAMES = [
    # typed, matched, match
    ("Xanax", "alprazolam", "brand"),
    ("alprazolam", "alprazolam", "exact"),
    ("sertraline HCl", "sertraline", "exact"),  # an alias counts as exact
    ("hydroxyzine pamoate", "hydroxyzine", "salt"),
    ("Lamictal 200 mg tablets", "lamotrigine", "brand"),  # strength and form follow
    ("XANAX-XR, 0.5 mg", "alprazolam", "brand"),  # case and punctuation
    ("zolft", "sertraline", "spelling"),
    ("Zoloftt 50 mg", "sertraline", "spelling"),
    ("Contrave", "naltrexone + bupropion", "brand"),  # in the order of the column
    ("bupropion/naltrexone", "naltrexone + bupropion", "exact"),
    ("Symbyax", "olanzapine + fluoxetine", "brand"),  # what the name of the antidepressant says
    ("Lybalvi", "olanzapine + samidorphan", "brand"),
    ("metoprolol succinate", "metoprolol succinate", "exact"),  # the list has this salt
    ("darunavir-cobicistat", "darunavir-cobicistat", "exact"),  # a member without a list: by its name alone
    ("midazolam", "midazolam", "exact"),
    ("Emsam", "selegiline transdermal", "brand"),  # else the member
    ("Deplin", "L-methylfolate", "brand"),  # else the molecule
    ("blue heart pill", None, "none"),
    ("Lamisil", None, "none"),  # never silently Lamictal
]


@pytest.mark.parametrize(("typed", "matched", "match"), NAMES)
def test_a_name_is_matched_as_the_format_says(typed: str, matched: str | None, match: str) -> None:
    (found,) = checked({"name": typed})["medicines"]
    assert (found["matched"], found["match"]) == (matched, match)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Klonopin", [DAILY]),  # of the two benzodiazepine rows only the daily one
        ("atorvastatin", []),  # matched without a row: never "safe"
        ("blue heart pill", ["Unrecognised medicine name"]),
        ("Lybalvi", ["Opioid antagonists", "Augmentation antipsychotics"]),  # for each component, in the table's order
        ("Suboxone", ["Buprenorphine"]),
        ("nefazodone", ["CYP3A4 strong inhibitors", "Other antidepressants", "Hepatotoxic or liver-marker drugs"]),
        ("darunavir-cobicistat", ["CYP3A4 strong inhibitors", "HIV antiretrovirals"]),
        ("fluvoxamine", ["CYP3A4 moderate inhibitors", "SSRIs"]),
        ("Limbitrol", [DAILY, "Tricyclics and tetracyclics"]),
    ],
)
def test_rows_are_those_of_the_list_and_of_each_component_once(name: str, expected: list[str]) -> None:
    assert rows(checked({"name": name})) == [expected]


@pytest.mark.parametrize("row", [row for row in interactions() if row.members], ids=lambda row: row.agent)
def test_a_finding_has_the_words_of_its_row_and_is_verified_only_when_read_in_source(row: Any) -> None:
    medicines = [{"name": name, "last_taken": "2025-07-02", "as_needed": True} for name in ("citalopram", *row.members)]
    if row.agent == DAILY:
        medicines = [{"name": name} for name in row.members]
    told = [f for m in checked(*medicines)["medicines"] for f in m["findings"] if f["row"] == row.agent]
    assert len(told) >= len(row.members)
    levels = {"stop": "contraindicated", "clearance": "hold-for-provider", "caution": "caution", "note": "note"}
    severities = {levels[one["severity"]] for one in told}
    assert severities == {_written(row.agent)["severity"]}
    assert {one["action"] for one in told} == {_written(row.agent)["provider_action"]}
    assert {one["source"] for one in told} == {_written(row.agent)["evidence_source"]}
    assert {one["verified"] for one in told} == {_written(row.agent)["confidence"].startswith("read in source")}


def _written(agent: str) -> dict[str, str]:
    return next(row for row in read_table("interactions.csv") if row["agent_or_class"] == agent)


@pytest.mark.parametrize(
    ("last_taken", "infusion_at", "expected"),
    [
        ("2025-07-01T09:00", "2025-07-02T09:00", [ALCOHOL]),
        ("2025-07-01T08:59", "2025-07-02T09:00", []),
        ("2025-07-01", "2025-07-02T09:00", [ALCOHOL]),  # a bare date may lie in the 24 hours
        ("2025-07-02", "2025-07-02T09:00", [ALCOHOL]),
        ("2025-06-30", "2025-07-02T09:00", []),  # it certainly does not
        ("2025-07-01T23:00:00+02:00", "2025-07-02T09:00:00-04:00", [ALCOHOL]),
        ("0001-01-01", "0001-01-01T00:00", [ALCOHOL]),
        ("9999-12-31", "9999-12-31T23:59", [ALCOHOL]),
        ("9999-12-31T23:59+00:00", "9999-12-31T23:59+00:00", [ALCOHOL]),
    ],
)
def test_alcohol_counts_in_the_24_hours_before(last_taken: str, infusion_at: str, expected: list[str]) -> None:
    found = checked({"name": "wine", "last_taken": last_taken}, infusion_at=infusion_at)
    assert (rows(found), found["questions"]) == ([expected], [])


@pytest.mark.parametrize(
    ("medicine", "infusion_at"),
    [({"name": "beer"}, "2025-07-02T09:00"), ({"name": "beer", "last_taken": "2025-07-01"}, None)],
)
def test_without_one_of_the_times_a_question_stands_instead(medicine: dict[str, Any], infusion_at: str | None) -> None:
    found = checked(medicine, infusion_at=infusion_at)
    assert rows(found) == [[]]
    assert [(one["id"], one["row"]) for one in found["questions"]] == [("m1", ALCOHOL)]


@pytest.mark.parametrize(
    ("names", "fires"),
    [
        (["Zofran"], [False]),
        (["Zofran", "methadone"], [True, True]),
        (["Zofran", "ondansetron 4 mg"], [False, False]),  # one drug by component
        (["Nuedexta", "Nuedexta"], [False, False]),
        (["Celexa", "Geodon", "ibuprofen"], [True, True, False]),
    ],
)
def test_rows_that_count_drugs_fire_from_the_second_on_each(names: list[str], fires: list[bool]) -> None:
    assert [QT in found for found in rows(checked(*({"name": name} for name in names)))] == fires


@pytest.mark.parametrize(
    ("medicines", "equivalent", "asked"),
    [
        ([], 0.0, 0),
        ([{"name": "ibuprofen", "mg_per_day": 400}], 0.0, 0),
        ([{"name": "Xanax", "mg_per_day": 1.5}], 30.0, 0),
        ([{"name": "Xanax", "mg_per_day": 1}, {"name": "Valium", "mg_per_day": 2.5}], 22.5, 0),
        ([{"name": "Restoril", "mg_per_day": 15}], 7.5, 0),
        ([{"name": "Xanax", "mg_per_day": 1, "as_needed": True, "last_taken": "2025-06-01"}], 0.0, 0),  # left out
        ([{"name": "Xanax"}, {"name": "Valium", "mg_per_day": 5}], None, 1),
        ([{"name": "midazolam", "mg_per_day": 5}], None, 1),  # no figure
        ([{"name": "midazolam"}], None, 1),
    ],
)
def test_the_diazepam_equivalent_is_a_sum_or_a_question(
    medicines: list[dict[str, Any]], equivalent: float | None, asked: int
) -> None:
    found = checked(*medicines)
    assert (found["diazepam_equivalent_mg_per_day"], len(found["questions"])) == (equivalent, asked)


FIGURES = [(0.5, "alprazolam clonazepam triazolam"), (1, "lorazepam estazolam"), (25, "chlordiazepoxide")]
FIGURES += [(15, "clorazepate flurazepam"), (20, "oxazepam temazepam clobazam"), (10, "quazepam diazepam")]


@pytest.mark.parametrize(("mg", "name"), [(mg, name) for mg, names in FIGURES for name in names.split()])
def test_the_table_of_equivalents_is_the_formats(mg: float, name: str) -> None:
    assert checked({"name": name, "mg_per_day": mg})["diazepam_equivalent_mg_per_day"] == 10.0


@pytest.mark.parametrize(
    ("names", "pairs"),
    [
        (["Contrave", "Wellbutrin XL"], [["m1", "m2"]]),
        (["Zoloft", "zolft", "sertraline HCl"], [["m1", "m2"], ["m1", "m3"], ["m2", "m3"]]),
        (["Armour Thyroid", "Synthroid"], [["m1", "m2"]]),  # a component that the starter list leaves out
        (["nicotine patch", "Nicorette"], [["m1", "m2"]]),
        (["Zoloft", "Celexa"], []),  # one class is no duplicate
        (["blue pill", "blue pill"], []),
    ],
)
def test_duplicates_are_pairs_that_share_a_component(names: list[str], pairs: list[list[str]]) -> None:
    assert checked(*({"name": name} for name in names))["duplicates"] == pairs


def test_the_example_and_its_answer_fit_their_schemas() -> None:
    assert faults("medicines", SHARED_EXAMPLE) == []
    assert faults("medicines-answer", answer(SHARED_EXAMPLE, today=TODAY)) == []


def test_a_list_of_200_medicines_is_answered() -> None:
    names = [name for name, _ in listed().values()][::5]
    found = checked(
        *({"name": name, "mg_per_day": 1} for name in names[:100] + [f"unheard of {n}" for n in range(100)])
    )
    assert (len(found["medicines"]), len(found["unknown"])) == (200, 100)
    assert faults("medicines-answer", found) == []


_MEDICINES = st.fixed_dictionaries(
    {"name": st.sampled_from([name for name, _ in listed().values()]) | st.text(min_size=1)},
    optional={
        "mg_per_day": st.none() | st.floats(0.001, 1_000_000),
        "as_needed": st.booleans(),
        "last_taken": st.none() | st.dates().map(str) | st.datetimes().map(lambda at: at.isoformat()),
    },
)


@given(st.lists(_MEDICINES, max_size=6), st.none() | st.datetimes().map(lambda at: at.isoformat()))
def test_every_list_is_answered_in_the_form_or_refused(
    medicines: list[dict[str, Any]], infusion_at: str | None
) -> None:
    try:
        found = checked(*medicines, infusion_at=infusion_at)
    except DomainError as error:
        assert error.message.startswith("medicine m")
        return
    assert faults("medicines-answer", found) == []
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert {one["id"] for one in found["medicines"] if one["matched"] is None} == set(found["unknown"])


@given(st.sampled_from(["as_of", "infusion_at", "medicines", "more"]), _VALUES)
def test_what_breaks_the_schema_is_refused(key: str, value: Any) -> None:
    _is_refused_or_fits(SHARED_EXAMPLE | {key: value})


@given(st.sampled_from(["id", "name", "mg_per_day", "as_needed", "last_taken", "more"]), _VALUES)
def test_a_medicine_that_breaks_the_schema_is_refused_by_its_name_and_key(key: str, value: Any) -> None:
    document = copy.deepcopy(SHARED_EXAMPLE)
    document["medicines"][1][key] = value
    _is_refused_or_fits(document)


def _is_refused_or_fits(document: dict[str, Any]) -> None:
    if faults("medicines", document):
        with pytest.raises(DomainError, match=r"(?s)^(list|medicine .+)(, .*)?: "):
            answer(document, today=TODAY)
        return
    try:
        answer(document, today=TODAY)
    except DomainError as error:  # what a schema cannot say: order of dates, time zones, an id twice
        assert ": " in error.message
