"""Current medicines against the interaction table: findings, questions, duplicates. Source: medicines-format."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import combinations

from intake.domain.errors import DomainError
from intake.domain.screening.benzodiazepines import BenzodiazepineLoad, equivalents, load_of
from intake.domain.screening.names import Match, resolve
from intake.domain.screening.sources import UNRECOGNISED, InteractionRow, Severity, interactions, key_of

RULES_VERSION = "medicines 2026-11, spelling corrected"
DAILY = "Benzodiazepines, daily"
AS_NEEDED = "Benzodiazepines, as-needed within 24 hours of infusion"
ALCOHOL = "Alcohol, same day or within 24 hours"
QT_BURDEN = "QT-prolonging burden"
TIED_TO_TIME = frozenset({AS_NEEDED, ALCOHOL})
QT_FROM = 2  # the row's action: "ECG if two or more QT drugs"
_BEFORE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Medicine:
    """A current medicine as entered. `last_taken` is a day or an instant."""

    id: str
    name: str
    mg_per_day: float | None = None
    as_needed: bool = False
    last_taken: date | datetime | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One interaction row that applies. `is_verified` False: "not verified: clinic to confirm"."""

    row: str
    severity: Severity
    effect: str
    action: str
    source: str
    is_verified: bool


@dataclass(frozen=True, slots=True)
class CheckedMedicine:
    """A medicine, the name it was matched to, and its findings in the order of the interaction table.

    No findings never means safe: it means that no row of the table names it. `days_since_last_dose` are whole days
    up to the infusion, else up to the day of the list; None: not known, or after it.
    """

    medicine: Medicine
    match: Match
    findings: tuple[Finding, ...]
    days_since_last_dose: int | None = None

    @property
    def is_recognised(self) -> bool:
        """Whether the name was found at all."""
        return self.match.matched is not None


@dataclass(frozen=True, slots=True)
class Question:
    """What could not be settled from the entries."""

    medicine_id: str
    row: str
    text: str


@dataclass(frozen=True, slots=True)
class MedicineCheck:
    """Everything found for a list of medicines."""

    medicines: tuple[CheckedMedicine, ...]
    questions: tuple[Question, ...]
    load: BenzodiazepineLoad
    duplicates: tuple[tuple[str, str], ...]
    unknown: tuple[str, ...]
    as_of: date
    infusion_at: datetime | None
    rules_version: str = RULES_VERSION


@dataclass(frozen=True, slots=True)
class _Matched:
    """A medicine beside its match."""

    medicine: Medicine
    match: Match

    @property
    def daily_benzodiazepines(self) -> tuple[str, ...]:
        """The benzodiazepines it holds, unless it is taken as needed."""
        if self.medicine.as_needed or DAILY not in self.match.rows:
            return ()
        return tuple(name for name in self.match.components if name in _members(DAILY))


def check(medicines: Sequence[Medicine], *, as_of: date, infusion_at: datetime | None = None) -> MedicineCheck:
    """Find every interaction row that applies to a list of medicines, as they stand on `as_of`.

    Without `infusion_at` the rows tied to the 24 hours before an infusion ask instead. Raises `DomainError` for a
    medicine last taken after the infusion.
    """
    matched = [_Matched(medicine, resolve(medicine.name)) for medicine in medicines]
    for medicine in medicines:
        refuse_last_taken(medicine, infusion_at)
    qt_drugs = {drug for each in matched for drug in _qt_drugs(each.match)}
    return MedicineCheck(
        medicines=tuple(_checked(each, infusion_at, as_of, len(qt_drugs)) for each in matched),
        questions=tuple(question for each in matched for question in _questions(each, infusion_at)),
        load=load_of((drug, each.medicine.mg_per_day) for each in matched for drug in each.daily_benzodiazepines),
        duplicates=tuple(_duplicates(matched)),
        unknown=tuple(each.medicine.id for each in matched if each.match.matched is None),
        as_of=as_of,
        infusion_at=infusion_at,
    )


def _checked(each: _Matched, infusion_at: datetime | None, as_of: date, qt_drugs: int) -> CheckedMedicine:
    names = each.match.rows if each.match.matched else (UNRECOGNISED,)
    applying = [name for name in names if _applies(name, each.medicine, infusion_at, qt_drugs)]
    findings = tuple(_finding(_rows()[name]) for name in applying)
    since = _days_between(each.medicine.last_taken, infusion_at.date() if infusion_at else as_of)
    return CheckedMedicine(each.medicine, each.match, findings, since)


def _days_between(last_taken: date | datetime | None, until: date) -> int | None:
    if last_taken is None:
        return None
    day = last_taken.date() if isinstance(last_taken, datetime) else last_taken
    return (until - day).days if day <= until else None


def _applies(row: str, medicine: Medicine, infusion_at: datetime | None, qt_drugs: int) -> bool:
    if row == DAILY:
        return not medicine.as_needed
    if row == QT_BURDEN:
        return qt_drugs >= QT_FROM
    if row == AS_NEEDED and not medicine.as_needed:
        return False
    return row not in TIED_TO_TIME or _is_within_24h(medicine.last_taken, infusion_at) is True


def _questions(each: _Matched, infusion_at: datetime | None) -> Iterator[Question]:
    medicine = each.medicine
    for row in each.match.rows:
        is_asked = row == ALCOHOL or (row == AS_NEEDED and medicine.as_needed)
        if is_asked and _is_within_24h(medicine.last_taken, infusion_at) is None:
            yield Question(medicine.id, row, "Was it taken in the 24 hours before the infusion?")
    for drug in each.daily_benzodiazepines:
        if drug not in equivalents():
            yield Question(medicine.id, DAILY, "How much diazepam does the daily dose equal? The table has no figure.")
        elif medicine.mg_per_day is None:
            yield Question(medicine.id, DAILY, "How many mg are taken a day?")


def _is_within_24h(last_taken: date | datetime | None, infusion_at: datetime | None) -> bool | None:
    """Whether it was, or for a bare date may have been, taken in the 24 hours before; both limits are in.

    None: not known.
    """
    if last_taken is None or infusion_at is None:
        return None
    if isinstance(last_taken, datetime):
        return timedelta() <= infusion_at - last_taken <= _BEFORE
    return infusion_at.date() - last_taken <= _BEFORE


def refuse_last_taken(medicine: Medicine, infusion_at: datetime | None) -> None:
    """Raise `DomainError` for `last_taken` when it lies after the infusion, or cannot be compared with it."""
    last = medicine.last_taken
    if last is None or infusion_at is None:
        return
    taken = last if isinstance(last, datetime) else _midnight(last, infusion_at)
    if (taken.tzinfo is None) != (infusion_at.tzinfo is None):
        raise DomainError("Give both times with a time zone, or neither", field="last_taken")
    if taken > infusion_at:
        raise DomainError("Enter a last dose that is not after the infusion", field="last_taken")


def _midnight(day: date, infusion_at: datetime) -> datetime:
    return datetime.combine(day, time.min, tzinfo=infusion_at.tzinfo)


def _qt_drugs(match: Match) -> Iterator[str]:
    """The drugs of the QT row that a product holds, counted by component."""
    if QT_BURDEN in match.rows:
        held = [name for name in match.components if name in _members(QT_BURDEN)]
        yield from held or [match.matched or match.typed]


def _duplicates(matched: Sequence[_Matched]) -> Iterator[tuple[str, str]]:
    """Pairs that share a component, in input order."""
    places: dict[str, list[int]] = defaultdict(list)
    for place, each in enumerate(matched):
        for component in set(each.match.components):
            places[key_of(component)].append(place)
    pairs = {pair for held in places.values() for pair in combinations(held, 2)}
    for first, second in sorted(pairs):
        yield matched[first].medicine.id, matched[second].medicine.id


def _finding(row: InteractionRow) -> Finding:
    return Finding(row.agent, row.severity, row.effect, row.action, row.source, row.is_verified)


@cache
def _rows() -> dict[str, InteractionRow]:
    return {row.agent: row for row in interactions()}


@cache
def _members(row: str) -> frozenset[str]:
    return frozenset(_rows()[row].members)
