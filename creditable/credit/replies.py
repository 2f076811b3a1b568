"""What authorities answer to what we sent them."""

from dataclasses import replace
from uuid import UUID

from creditable.credit import identification, packs, reports
from creditable.credit.formats import ANSWERED, AT_ONCE, LATER
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
        _delivered(roster, answer)
    elif answer.outcome == "refused":
        says = ANSWERED.get(roster.format)
        _refused(roster, answer, says.read_errors(answer.body) if says else "")
    elif answer.outcome == "void":
        reports.returned(
            roster_id=roster_id,
            code="void",
            message="It was taken back before it left.",
            by=Actor.system("sender"),
        )
    else:
        reports.unanswered(roster_id=roster_id)


def _refused(roster: Roster, answer: Answer, words: str) -> None:
    reports.returned(
        roster_id=roster.pk,
        code=f"refused {answer.status or ''}".strip(),
        message=words[:300] or "The authority refused the roster.",
        by=Actor.outside(roster.authority),
    )


def _delivered(roster: Roster, answer: Answer) -> None:
    """It is there. What answers by machine gave a receipt, and some verdicts with it; from a
    mailbox or a folder the answer comes on another way."""
    says = ANSWERED.get(roster.format)
    if says is None or packs.get(roster.authority).layout.channel != "https":
        reports.taken(roster_id=roster.pk, receipt=None, at=answer.at)
        return
    decides = AT_ONCE.get(roster.format)
    if decides and (words := says.read_errors(answer.body)):
        _refused(roster, answer, words)
        return
    try:
        receipt = says.read_receipt(answer.body)
        sent = [str(report.pk) for report in roster.reports.order_by("id")]
        verdicts = (
            decides.read_verdicts(answer.body, bytes(roster.content), sent) if decides else ()
        )
    except Unreadable:
        reports.unanswered(roster_id=roster.pk)
        return
    if decides:  # its receipts have a time and no number of their own
        receipt = replace(receipt, receipt_id=f"{roster.number}, {receipt.receipt_id}")
    reports.taken(roster_id=roster.pk, receipt=receipt, at=answer.at)
    reports.settle(roster_id=roster.pk, lines=verdicts)


@replies.on("credit.question")
def question_answered(answer: Answer) -> None:
    """The authority's page of a receipt. What cannot be read is asked again later."""
    if answer.outcome != "delivered":
        return
    roster = Roster.objects.get(pk=UUID(answer.reference))
    try:
        decision = LATER[roster.format].read_decision(answer.body)
    except Unreadable:
        return
    reports.decide(authority=roster.authority, decision=decision)


@replies.on("credit.identity_document")
def document_answered(answer: Answer) -> None:
    """The authority has the document of somebody, and their report can follow; or it has not, and
    the office is told."""
    document_id = UUID(answer.reference)
    if answer.outcome == "delivered":
        identification.delivered(document_id=document_id)
    else:
        identification.not_delivered(document_id=document_id, outcome=answer.outcome)
