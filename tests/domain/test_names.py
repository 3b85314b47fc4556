"""Names of medicines as people type them."""

from __future__ import annotations

import pytest

from intake.domain.screening.name_list import listed
from intake.domain.screening.names import How, choices, resolve
from intake.domain.screening.sources import (
    UNRECOGNISED,
    further_components,
    interactions,
    medicines,
    unresolved_members,
)


@pytest.mark.parametrize(
    ("typed", "matched", "how"),
    [
        ("alprazolam", "alprazolam", How.EXACT),
        ("Xanax", "alprazolam", How.BRAND),
        ("XANAX XR", "alprazolam", How.BRAND),
        ("Lamictal 200 mg tablets", "lamotrigine", How.BRAND),
        ("Klonopin .5mg", "clonazepam", How.BRAND),
        ("gabapentin 300mg tid", "gabapentin", How.EXACT),
        ("Percocet 5/325", "oxycodone + acetaminophen", How.BRAND),
        ("sertraline HCl", "sertraline", How.EXACT),  # an alias of the list
        ("hydroxyzine pamoate 25 mg capsules", "hydroxyzine", How.SALT),
        ("alprazolam hydrochloride", "alprazolam", How.SALT),
        ("Wellbutrin XL", "bupropion", How.BRAND),
        ("bupropion XL 150 mg", "bupropion", How.EXACT),
        ("Zoloft (sertraline)", "sertraline", How.BRAND),
        ("Xanax (alprazolam) 0.5 mg", "alprazolam", How.BRAND),
        ("Contrave", "naltrexone + bupropion", How.BRAND),
        ("Symbyax", "olanzapine + fluoxetine", How.BRAND),
        ("Auvelity", "dextromethorphan + bupropion", How.BRAND),
        ("metoprolol succinate ER 50 mg", "metoprolol succinate", How.EXACT),  # the list has this salt
        ("metoprolol", "metoprolol", How.EXACT),
        ("lithium 300 mg", "lithium carbonate", How.EXACT),
        ("Emsam", "selegiline transdermal", How.BRAND),
        ("selegiline oral", "selegiline oral", How.EXACT),
        ("St. John's Wort", "hypericum", How.EXACT),
        ("5-HTP 100 mg", "5-HTP", How.EXACT),
        ("Vitamin D3 1000 units", "cholecalciferol", How.BRAND),
        ("quetiapine XR", "quetiapine", How.EXACT),
        ("VPA", "divalproex", How.EXACT),
        ("high dose acetaminophen tablets", "acetaminophen high dose", How.EXACT),
        ("low dose doxepin 3 mg", "doxepin low-dose", How.EXACT),
        ("naltrexone low dose", "low-dose naltrexone", How.EXACT),
        ("low dose aspirin", "aspirin", How.EXACT),
        ("clorazepate dipotassium", "clorazepate", How.SALT),
        ("Tylenol Extra Strength", "acetaminophen", How.BRAND),
        ("acetaminophen-hydrocodone", "hydrocodone + acetaminophen", How.EXACT),  # components in any order
        ("Versed", "midazolam", How.BRAND),  # a brand that the three lists leave out
        ("lisinopril-HCTZ 20/12.5", "lisinopril + hydrochlorothiazide", How.EXACT),
    ],
)
def test_a_medicine_is_found_by_what_a_person_types(typed: str, matched: str, how: How) -> None:
    found = resolve(typed)
    assert (found.typed, found.matched, found.how) == (typed, matched, how)


@pytest.mark.parametrize(
    "typed",
    ["", "  ", "mg", "50 mg", "tablet", "sodium", "blue heart pill", "various", "Tylenol PM", "free text not matched"]
    + ["Lamisil", "lamisal", "Lamisil 250 mg tablets", "()", "iv", "x" * 300],
)
def test_a_name_that_is_not_in_the_list_is_never_guessed(typed: str) -> None:
    found = resolve(typed)
    assert (found.matched, found.how, found.components, found.rows) == (None, How.NONE, (), ())


@pytest.mark.parametrize(
    ("one", "other"),
    [("hydroxyzine", "hydralazine"), ("Celexa", "Celebrex"), ("bupropion", "buspirone"), ("Lamictal", "labetalol")],
)
def test_look_alikes_are_not_exchanged(one: str, other: str) -> None:
    assert resolve(one).matched != resolve(other).matched


@pytest.mark.parametrize(
    ("typed", "components"),
    [
        ("metoprolol tartrate", ("metoprolol",)),
        ("Depakote", ("valproate",)),
        ("valproate sodium", ("valproate",)),
        ("lithium citrate", ("lithium",)),
        ("low-dose naltrexone", ("naltrexone",)),
        ("buprenorphine extended-release", ("buprenorphine",)),
        ("Limbitrol", ("chlordiazepoxide", "amitriptyline")),
        ("5-HTP", ("5-HTP",)),
    ],
)
def test_salts_and_forms_are_one_molecule(typed: str, components: tuple[str, ...]) -> None:
    assert resolve(typed).components == components


def test_every_member_of_the_interactions_resolves_to_its_row() -> None:
    for row in interactions():
        for member in row.members:
            assert row.agent in resolve(member).rows, member


def test_every_brand_of_the_starter_list_resolves_to_the_rows_of_its_product() -> None:
    for medicine in medicines():
        for name in (medicine.generic, *medicine.brands):
            assert set(medicine.rows) <= set(resolve(name).rows), name


def test_members_outside_the_lists_have_the_rows_that_are_written_for_them_and_those_of_their_components() -> None:
    for key, rows in unresolved_members().items():
        parts = {row for part in further_components().get(key, ()) for row in resolve(part).rows}
        assert set(resolve(listed()[key][0]).rows) == set(rows) | parts


def test_every_row_but_the_unrecognised_one_can_be_reached() -> None:
    reached = {row for choice in choices() for row in resolve(choice.name).rows}
    reached |= {row for source in interactions() for member in source.members for row in resolve(member).rows}
    assert {row.agent for row in interactions()} - reached == {UNRECOGNISED}


def test_rows_stand_in_the_order_of_the_table() -> None:
    assert resolve("Symbyax").rows == ("SSRIs", "Augmentation antipsychotics")


def test_every_choice_is_understood_by_its_name_and_its_label() -> None:
    for choice in choices():
        assert resolve(choice.name).matched is not None
        assert resolve(choice.label).matched == resolve(choice.name).matched


def test_choices_are_medicines_and_not_devices() -> None:
    offered = {choice.name for choice in choices()}
    assert {"sertraline", "Zoloft", "Xanax"} <= offered
    assert not {"NeuroStar", "deep brain stimulation"} & offered
