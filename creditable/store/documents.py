"""Invoices and credit notes: issued once each, numbered without gaps, frozen with their bytes."""

from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max

from creditable.audit import trail
from creditable.audit.clock import now
from creditable.jobs import enqueue
from creditable.lib import pdf
from creditable.lib.actor import Actor
from creditable.lib.dates import local_date
from creditable.lib.money import Money
from creditable.store import invoice, letters, seller
from creditable.store.invoice import Sheet
from creditable.store.models import Document, Order, Payment, Refund

COUNTRIES = {"US": "United States"}


@transaction.atomic
def issue_invoice(*, order_id: UUID, by: Actor) -> Document:
    """The invoice of a paid order, which is its receipt as well. A second call gives back the
    first. Raises Payment.DoesNotExist for an order that is not paid."""
    order = Order.objects.get(id=order_id)
    _take_turn(Document.Kind.INVOICE)
    earlier = Document.objects.filter(order=order, kind=Document.Kind.INVOICE).first()
    if earlier is not None:
        return earlier
    payment = order.payments.get(state=Payment.State.CAPTURED)
    at = now()
    lines = tuple((line.title, str(line.price)) for line in order.lines.all())
    sheet = Sheet(
        seller=_seller(),
        title="Invoice and receipt",
        name="",
        issued_on=local_date(at, settings.TIME_ZONE),
        billed=_billed(order),
        facts=(
            ("Order", order.reference),
            ("Ordered", _day(order.placed_at)),
            ("Paid", _day(payment.changed_at)),
            ("Payment", _payment(payment)),
        ),
        lines=lines,
        sums=(
            ("Subtotal", str(order.total)),
            ("Sales tax", str(Money(0, order.currency))),
            ("Total", str(order.total)),
        ),
        stamp="Paid",
        notes=("The amount was paid in full. Nothing more is due. Thank you.",),
    )
    return _issue(Document.Kind.INVOICE, order, None, sheet, at, by)


@transaction.atomic
def issue_credit_note(*, refund_id: UUID, by: Actor) -> Document:
    """The credit note of a refund that went back, announced by mail. A second call gives back the
    first. The invoice is issued before it, so that the note can name it."""
    refund = Refund.objects.select_related("payment__order", "line").get(id=refund_id)
    order = refund.payment.order
    issued = issue_invoice(order_id=order.id, by=by)
    _take_turn(Document.Kind.CREDIT_NOTE)
    earlier = Document.objects.filter(refund=refund).first()
    if earlier is not None:
        return earlier
    if refund.state != Refund.State.COMPLETED:
        raise ValueError(f"refund {refund_id} did not go back")
    at = now()
    amount = str(-refund.amount)
    sheet = Sheet(
        seller=_seller(),
        title="Credit note",
        name="",
        issued_on=local_date(at, settings.TIME_ZONE),
        billed=_billed(order),
        facts=(
            ("Order", order.reference),
            ("Corrects", f"{issued.name} of {_day(issued.issued_at)}"),
            ("Returned", _day(refund.changed_at)),
            ("Refund", f"PayPal {refund.refund_ref}"),
            ("Payment", _payment(refund.payment)),
        ),
        lines=((refund.line.title, amount),),
        sums=(
            ("Subtotal", amount),
            ("Sales tax", str(Money(0, order.currency))),
            ("Returned to you", amount),
        ),
        stamp="Refunded",
        notes=("The money went back the way you paid. Your bank may take a few days to show it.",),
    )
    note = _issue(Document.Kind.CREDIT_NOTE, order, refund, sheet, at, by)
    letters.refunded(refund=refund, credit_note=note, by=by)
    return note


def catch_up() -> None:
    """Has every invoice and credit note issued that is owed and not there, such as those of
    orders that were paid before there were any."""
    paid = Payment.objects.filter(state=Payment.State.CAPTURED).exclude(
        order__documents__kind=Document.Kind.INVOICE
    )
    for order_id in paid.order_by("changed_at").values_list("order_id", flat=True):
        enqueue("store.issue_invoice", {"order_id": str(order_id)}, key=f"invoice:{order_id}")
    returned = Refund.objects.filter(state=Refund.State.COMPLETED, credit_note=None)
    for refund_id in returned.order_by("changed_at").values_list("id", flat=True):
        enqueue("store.issue_credit_note", {"refund_id": str(refund_id)}, key=f"note:{refund_id}")


def _issue(
    kind: Document.Kind, order: Order, refund: Refund | None, sheet: Sheet, at: datetime, by: Actor
) -> Document:
    last = Document.objects.filter(kind=kind).aggregate(last=Max("number"))["last"] or 0
    document = Document(kind=kind, number=last + 1, order=order, refund=refund, issued_at=at)
    sheet = replace(sheet, name=document.name)
    document.pdf = invoice.render(sheet)
    document.sha256 = sha256(document.pdf).hexdigest()
    document.content = sheet.content
    document.save()
    trail.record(
        verb=f"documents.issue_{kind}",
        by=by,
        noun=kind,
        noun_id=document.name,
        about=order.subject_id,
    )
    return document


def _take_turn(kind: Document.Kind) -> None:
    """One number after another: held until the commit, as the database's own guard does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"store_document:{kind}"]
        )


def _seller() -> dict[str, object]:
    provider = seller.current()
    return {
        "name": provider.name,
        "legal_name": provider.legal_name,
        "address": list(provider.address),
        "contact": [each for each in (provider.email, provider.phone, provider.website) if each],
        "mark": provider.mark,
        "accent": provider.accent,
    }


def _billed(order: Order) -> tuple[str, ...]:
    lines = (
        order.billing_name,
        order.billing_street,
        f"{order.billing_city}, {order.billing_state} {order.billing_postal_code}",
        COUNTRIES.get(order.billing_country, order.billing_country),
    )
    return tuple(_printable(line) for line in lines)


def _printable(text: str) -> str:
    """The text with a question mark for what our font lacks: an invoice is owed in any case, and
    a name is asked to be printable where it is typed."""
    for sign in pdf.unprintable(text):
        text = text.replace(sign, "?")
    return text


def _payment(payment: Payment) -> str:
    return f"PayPal {payment.capture_ref}"


def _day(at: datetime) -> str:
    day = local_date(at, settings.TIME_ZONE)
    return f"{day:%B} {day.day}, {day.year}"
