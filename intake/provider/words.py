"""The words that providers read for codes: verdicts, decisions, contacts, alerts, why something waits."""

from __future__ import annotations

from intake.domain.evaluation import HeldAs, SuicideRisk
from intake.domain.history.counting import Counts
from intake.domain.history.resistance import Assessment
from intake.domain.history.trials import Adherence, Episode, Improvement, StopReason, Verdict
from intake.domain.reviews import AlertContact, Channel, ContactOutcome, DecisionKind
from intake.domain.screening.benzodiazepines import LIMIT_MG_PER_DAY
from intake.domain.statuses import ConsultationStatus
from intake.queries.reviews import QueueFilter, QueueRow

BENZODIAZEPINE_LIMIT = LIMIT_MG_PER_DAY
NOT_VERIFIED = "not verified: clinic to confirm"
QUEUE_FILTERS = {
    QueueFilter.OPEN: "Waits for us",
    QueueFilter.UNCLAIMED: "Not claimed",
    QueueFilter.MINE: "Claimed by me",
    QueueFilter.CONTACT: "Contact to make",
    QueueFilter.ORDER: "Order to sign",
    QueueFilter.RETURNED: "Waits for the patient",
}
EMPTY_QUEUE = {
    QueueFilter.OPEN: "Nothing waits for a provider. New consultations appear here as soon as they are sent in.",
    QueueFilter.UNCLAIMED: "Every consultation that was sent in has been claimed.",
    QueueFilter.MINE: "You have claimed nothing. Claim the one that has waited longest.",
    QueueFilter.CONTACT: "No decision waits for a contact with a patient.",
    QueueFilter.ORDER: "Every accepted patient has an order.",
    QueueFilter.RETURNED: "No question waits for a patient's answer.",
}
VERDICTS = {
    Verdict.ADEQUATE_FAILED: "adequate, failed",
    Verdict.ADEQUATE_RESPONDED: "adequate, responded",
    Verdict.INADEQUATE_DOSE: "dose too low",
    Verdict.INADEQUATE_DURATION: "too short",
    Verdict.INTOLERANT: "not tolerated",
    Verdict.INDETERMINATE: "unclear",
    Verdict.NOT_RATED: "not rated",
}
EPISODES = {Episode.CURRENT: "this episode", Episode.EARLIER: "an earlier episode"}
ADHERENCES = {
    Adherence.GOOD: "good: 75 % of doses or more",
    Adherence.POOR: "poor: under 75 % of doses",
    Adherence.UNSURE: "not sure",
}
IMPROVEMENTS = {
    Improvement.WORSE: "got worse",
    Improvement.UNDER_25: "under 25 % better",
    Improvement.FROM_25_TO_49: "25 to 49 % better",
    Improvement.AT_LEAST_50: "50 % better or more",
    Improvement.UNKNOWN: "not known",
}
STOP_REASONS = {
    StopReason.NO_BENEFIT: "no benefit",
    StopReason.SIDE_EFFECTS: "side effects",
    StopReason.COST: "cost",
    StopReason.FELT_WELL: "felt well",
    StopReason.WORE_OFF: "wore off",
    StopReason.COURSE_FINISHED: "course finished",
    StopReason.OTHER: "another reason",
    StopReason.STILL_TAKING: "still taking",
    StopReason.UNKNOWN: "not known",
}
DECISIONS = {
    DecisionKind.ACCEPTED: "Accept",
    DecisionKind.ACCEPTED_WITH_CONDITIONS: "Accept with conditions",
    DecisionKind.DECLINED: "Decline",
    DecisionKind.REFERRED: "Refer elsewhere",
}
DECIDED = {
    DecisionKind.ACCEPTED: "Accepted",
    DecisionKind.ACCEPTED_WITH_CONDITIONS: "Accepted with conditions",
    DecisionKind.DECLINED: "Declined",
    DecisionKind.REFERRED: "Referred elsewhere",
}
CHANNELS = {Channel.PHONE: "phone", Channel.VIDEO: "video", Channel.IN_PERSON: "in person"}
OUTCOMES = {
    ContactOutcome.REACHED: "reached",
    ContactOutcome.LEFT_MESSAGE: "left a message",
    ContactOutcome.NO_ANSWER: "no answer",
}
ALERT_CONTACTS = {
    AlertContact.REACHED: "Reached the patient",
    AlertContact.LEFT_MESSAGE: "Left a message",
    AlertContact.WELFARE_CHECK: "Asked for a welfare check",
    AlertContact.EMERGENCY: "Called emergency services",
}
HELD = {HeldAs.IN_PERSON: "In person", HeldAs.VIDEO: "By video"}
RISKS = {
    SuicideRisk.NOT_RAISED: "Not raised",
    SuicideRisk.LOW: "Low",
    SuicideRisk.MODERATE: "Moderate",
    SuicideRisk.HIGH: "High",
    SuicideRisk.IMMINENT: "Imminent",
}
ALERT_SOURCES = {"phq9:9": "PHQ-9 item 9"}
ORDER_EVENTS = {"signed": "signed", "stopped": "stopped", "condition-met": "a condition was met", "amended": "amended"}


def count_words(counts: Counts) -> list[tuple[str, int]]:
    """The seven counts of trial-adequacy, section 3, as the statement's disclosure shows them."""
    return [
        ("A: adequate failed antidepressants, this episode", counts.adequate_failed),
        ("S: of these under 25 % better", counts.strict),
        ("L: both episodes", counts.lifetime),
        ("I: unclear that could count", counts.indeterminate),
        ("G: failed augmentations", counts.augmentation_failed),
        ("N: failed neuromodulation", counts.neuromodulation_failed),
        ("R: failed rapid-acting courses", counts.rapid_acting_failed),
    ]


def counted_together(assessment: Assessment) -> list[str]:
    """Which trials count as one because they overlap, and which medicines count as two though they are close."""
    names = {judgement.trial_id: judgement.name for judgement in assessment.judgements}
    joined = [
        f"{names[one]} and {names[other]} were taken over the same weeks: counted as one"
        for one, other in assessment.overlaps
    ]
    told = joined + [relation.in_words() for relation in assessment.relations]
    return [line[:1].upper() + line[1:] for line in told]


def counts_in_words(counts: Counts) -> str:
    """The counts that are not zero, in a line to read at a glance."""
    told = (
        (counts.adequate_failed, "adequate failed"),
        (counts.strict, "under 25 %"),
        (counts.lifetime if counts.lifetime != counts.adequate_failed else 0, "counting earlier episodes"),
        (counts.indeterminate, "unclear"),
        (counts.augmentation_failed, "failed augmentation"),
        (counts.neuromodulation_failed, "failed neuromodulation"),
        (counts.rapid_acting_failed, "failed rapid-acting"),
    )
    return " · ".join(f"{count} {what}" for count, what in told if count) or "0 adequate failed"


def why_waiting(row: QueueRow) -> str:
    """Why a consultation stands in the queue, in one line."""
    status = row.consultation.status
    if status is ConsultationStatus.SUBMITTED:
        return "Questions answered, not claimed again" if row.answered_questions else "Sent in, nobody has claimed it"
    if status is ConsultationStatus.RETURNED:
        count = row.open_questions
        return f"{count} {'question waits' if count == 1 else 'questions wait'} for the patient's answer"
    if status is ConsultationStatus.ACCEPTED:
        return "Accepted, order not signed"
    if row.has_waiting_decision:
        return "A decision waits for a contact with the patient"
    return "Evaluated, to be decided" if row.is_evaluated else "In review, evaluation visit not signed"
