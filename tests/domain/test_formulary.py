"""The table of prior treatments and its names."""

from __future__ import annotations

import pytest

from intake.domain.history.formulary import Kind, choices, find, is_known_elsewhere, treatments


@pytest.mark.parametrize(
    ("name", "generic"),
    [
        ("sertraline", "sertraline"),
        ("Zoloft", "sertraline"),
        ("ZOLOFT ", "sertraline"),
        ("sertraline-HCl", "sertraline"),
        ("Zoloft (sertraline)", "sertraline"),
        ("bupropion", "bupropion extended-release"),  # a bare molecule takes its default row
        ("bupropion SR", "bupropion sustained-release"),
        ("Wellbutrin", "bupropion immediate-release"),
        ("venlafaxine", "venlafaxine"),
        ("effexor xr", "venlafaxine extended-release"),
        ("Paxil CR", "paroxetine controlled-release"),
        ("lithium", "lithium carbonate"),
        ("selegiline", "selegiline transdermal"),
        ("st johns wort", "St John's wort"),
        ("TMS", "transcranial magnetic stimulation (rTMS, deep TMS, theta burst)"),
        ("supportive psychotherapy", "psychotherapy - supportive or unspecified counselling"),
    ],
)
def test_a_treatment_is_found_by_generic_brand_alias_and_molecule(name: str, generic: str) -> None:
    found = find(name)
    assert found is not None
    assert found.generic == generic


@pytest.mark.parametrize("name", ["", "-", "mystery pill", "sertralin", "Celebrex"])
def test_a_name_is_never_guessed(name: str) -> None:
    assert find(name) is None


@pytest.mark.parametrize("name", ["gabapentin", "Neurontin", "kratom", "Xanax"])
def test_a_medicine_of_the_other_lists_is_known_but_has_no_row(name: str) -> None:
    assert find(name) is None
    assert is_known_elsewhere(name)


@pytest.mark.parametrize("name", ["mystery pill", "free text not matched", "various", ""])
def test_what_is_no_medicine_is_not_known_elsewhere(name: str) -> None:
    assert not is_known_elsewhere(name)


def test_every_name_and_label_of_the_choices_finds_the_row_it_promises() -> None:
    for choice in choices():
        for text in (choice.name, choice.label):
            found = find(text)
            assert found is not None
            assert found.generic == choice.generic


def test_no_name_means_two_rows() -> None:
    owners: dict[str, str] = {}
    for treatment in treatments():
        for name in (treatment.generic, *treatment.brands, *treatment.aliases):
            key = "".join(filter(str.isalnum, name.casefold()))
            assert owners.setdefault(key, treatment.generic) == treatment.generic


def test_each_molecule_has_exactly_one_default_row() -> None:
    molecules = {treatment.molecule for treatment in treatments()}
    defaults = [treatment.molecule for treatment in treatments() if treatment.is_default_for_molecule]
    assert sorted(defaults) == sorted(molecules)


def test_a_number_read_in_a_secondary_source_is_not_verified() -> None:
    sertraline, tms, phenelzine = find("sertraline"), find("TMS"), find("phenelzine")
    assert sertraline and tms and phenelzine
    assert [row.is_verified for row in (sertraline, tms, phenelzine)] == [False, True, False]
    assert sertraline.source


def test_rapid_acting_treatments_are_told_apart() -> None:
    rapid = {treatment.molecule for treatment in treatments() if treatment.is_rapid_acting}
    assert rapid == {"esketamine", "ketamine", "zuranolone", "brexanolone"}


def test_rated_rows_are_antidepressants_augmentation_and_neuromodulation_and_have_weeks() -> None:
    assert {t.kind for t in treatments() if t.is_rated} == {
        Kind.ANTIDEPRESSANT,
        Kind.AUGMENTATION,
        Kind.NEUROMODULATION,
    }
    assert all(t.min_weeks for t in treatments() if t.is_rated)
