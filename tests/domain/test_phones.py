"""One written form for each telephone number."""

from __future__ import annotations

import pytest

from intake.domain.errors import DomainError
from intake.domain.phones import last_four, normal_phone, phone_words


@pytest.mark.parametrize(
    "typed",
    [
        "3035550142",
        "303 555 0142",
        "(303) 555-0142",
        "303.555.0142",
        "1 303 555 0142",
        "+1 303-555-0142",
        " 303/555-0142 ",
    ],
)
def test_one_number_has_one_form_however_it_is_typed(typed: str) -> None:
    assert normal_phone(typed) == "+13035550142"


def test_another_countrys_number_keeps_its_code() -> None:
    assert normal_phone("+44 20 7946 0958") == "+442079460958"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "555 0142",
        "23035550142",
        "303 555 0142 ext 7",
        "call me",
        "+1234567",
        "+1234567890123456",
        "٣٠٣٥٥٥٠١٤٢",
        "442079460958",
    ],
)
def test_what_cannot_be_dialled_is_refused_beside_its_field(typed: str) -> None:
    with pytest.raises(DomainError) as caught:
        normal_phone(typed)
    assert caught.value.field == "phone"


def test_a_number_is_found_by_its_last_four_digits() -> None:
    assert last_four("+13035550142") == "0142"


@pytest.mark.parametrize(("number", "words"), [("+13035550142", "303-555-0142"), ("+442079460958", "+442079460958")])
def test_a_number_reads_as_people_say_it(number: str, words: str) -> None:
    assert phone_words(number) == words
