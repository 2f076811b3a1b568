"""What authorities answer to what we sent them."""

from uuid import UUID

from creditable.credit import packs, reports
from creditable.credit.formats import ANSWERED, Answers
from creditable.credit.models import Roster
from creditable.credit.roster import Unreadable
from creditable.disclosure import replies
from creditable.disclosure.replies import Answer
from creditable.lib.actor import Actor


@replies.on("credit.roster")
def roster_answered(answer: Answer) -> None:
    """The roster was taken, refused as a whole, taken back before it left, or nobody knows."""
    roster_id = UUID(answer.reference)
    roster = Roster.objects.get(pk=roster_id)
    if answer.outcome == "delivered":
        try:
            receipt = _answers(roster).read_receipt(answer.body)
        except Unreadable:
            reports.unanswered(roster_id=roster_id)
            return
        reports.taken(roster_id=roster_id, receipt=receipt, at=answer.at)
    elif answer.outcome == "refused":
        words = _answers(roster).read_errors(answer.body) or "The authority refused the roster."
        reports.returned(
            roster_id=roster_id,
            code=f"refused {answer.status or ''}".strip(),
            message=words[:300],
            by=Actor.outside(roster.authority),
        )
    elif answer.outcome == "void":
        reports.returned(
            roster_id=roster_id,
            code="void",
            message="It was taken back before it left.",
            by=Actor.system("sender"),
        )
    else:
        reports.unanswered(roster_id=roster_id)


@replies.on("credit.question")
def question_answered(answer: Answer) -> None:
    """The authority's page of a receipt. What cannot be read is asked again later."""
    if answer.outcome != "delivered":
        return
    roster = Roster.objects.get(pk=UUID(answer.reference))
    try:
        decision = _answers(roster).read_decision(answer.body)
    except Unreadable:
        return
    reports.decide(authority=roster.authority, decision=decision)


def _answers(roster: Roster) -> Answers:
    return ANSWERED[packs.get(roster.authority).layout.format]
