"""Offers, baskets, orders, payments, refunds, invoices, and the double-entry books."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from creditable.audit.clock import Now
from creditable.audit.guard import AppendOnly
from creditable.lib.ids import uuid7
from creditable.lib.money import Money


class Offer(models.Model):
    """The price at which a course is sold from `created_at` on. A new price withdraws the old
    offer; an order keeps the price it was placed at."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    course = models.ForeignKey("catalog.Course", on_delete=models.PROTECT, related_name="offers")
    price_cents = models.PositiveIntegerField()
    currency = models.CharField(max_length=3, default="USD")
    created_at = models.DateTimeField(db_default=Now())
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["course"],
                condition=Q(withdrawn_at=None),
                name="store_offer_one_price",
            ),
        ]

    @property
    def price(self) -> Money:
        return Money(self.price_cents, self.currency)


class Basket(models.Model):
    """What one browser has picked, under a random token that dies with the browser session. It
    is never joined to a person: an order copies what it needs and the basket goes."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    token = models.CharField(max_length=32, unique=True)
    created_at = models.DateTimeField(db_default=Now())


class BasketItem(models.Model):
    """One course in a basket; the same course twice is the same item."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    basket = models.ForeignKey(Basket, on_delete=models.CASCADE, related_name="items")
    course = models.ForeignKey("catalog.Course", on_delete=models.PROTECT)
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["basket", "course"], name="store_basketitem_once"),
        ]


class Order(AppendOnly):
    """A purchase, frozen when it was placed: who is billed, what for, at which prices and under
    which version of the policy. `attempt_key` was made before the first click, so that a second
    click or a reload is the same order. What became of it stands in its payments."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    number = models.BigIntegerField(unique=True)
    subject = models.ForeignKey("disclosure.Subject", on_delete=models.PROTECT)
    attempt_key = models.CharField(max_length=40)
    placed_at = models.DateTimeField(db_default=Now())
    total_cents = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)
    policy_version = models.PositiveIntegerField()
    billing_name = models.CharField(max_length=120)
    billing_email = models.EmailField(max_length=254)
    billing_street = models.CharField(max_length=160)
    billing_city = models.CharField(max_length=80)
    billing_state = models.CharField(max_length=2)
    billing_postal_code = models.CharField(max_length=10)
    billing_country = models.CharField(max_length=2)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "attempt_key"], name="store_order_attempt"),
        ]
        indexes = [models.Index(fields=["subject", "-placed_at"], name="store_order_subject")]

    @property
    def reference(self) -> str:
        """The order's number as people and the processor read it."""
        return f"CR-{self.number}"

    @property
    def total(self) -> Money:
        return Money(self.total_cents, self.currency)


class Cancellation(AppendOnly):
    """An order that its customer gave up before it was paid: it can no longer be paid."""

    order = models.OneToOneField(Order, primary_key=True, on_delete=models.PROTECT)
    at = models.DateTimeField(db_default=Now())


class OrderLine(AppendOnly):
    """One course in an order, in the version that was current and at the price of that moment."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField()
    course_version = models.ForeignKey("catalog.CourseVersion", on_delete=models.PROTECT)
    title = models.CharField(max_length=200)
    price_cents = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="store_orderline_position"),
        ]
        ordering = ("position",)

    @property
    def price(self) -> Money:
        return Money(self.price_cents, self.order.currency)


class Payment(models.Model):
    """The payment of an order through one processor, as far as we know it.

    `created`: the processor has not answered yet. `approving`: the payer is to approve it at
    `approve_url`. `capturing`: we asked for the money and do not know the outcome yet.
    `captured`: the money is ours under `capture_ref`. `declined`, `canceled`: it will never
    come. An unknown outcome stays what it is until the processor says otherwise. `problem` says
    what somebody in the office has to look at, in their words."""

    class State(models.TextChoices):
        CREATED = "created"
        APPROVING = "approving"
        CAPTURING = "capturing"
        CAPTURED = "captured"
        DECLINED = "declined"
        CANCELED = "canceled"

    ENDED = (State.DECLINED, State.CANCELED)

    id = models.UUIDField(primary_key=True, default=uuid7)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="payments")
    provider = models.CharField(max_length=20)
    state = models.CharField(max_length=10, choices=State.choices, default=State.CREATED)
    provider_ref = models.CharField(max_length=80, null=True)  # noqa: DJ001  (null = not known yet)
    approve_url = models.URLField(max_length=500, blank=True)
    capture_ref = models.CharField(max_length=80, null=True)  # noqa: DJ001  (null = not captured)
    capture_attempt = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "provider_ref"], name="store_payment_provider_ref"
            ),
            models.UniqueConstraint(
                fields=["provider", "capture_ref"], name="store_payment_capture_ref"
            ),
            models.UniqueConstraint(
                fields=["order"],
                condition=~Q(state__in=("declined", "canceled")),
                name="store_payment_one_open",
            ),
            models.CheckConstraint(
                condition=Q(state="captured", capture_ref__isnull=False)
                | (~Q(state="captured") & Q(capture_ref=None)),
                name="store_payment_captured_has_ref",
            ),
        ]


class PaymentNotice(AppendOnly):
    """A processor's notice that was genuine, once. It is a hint to ask the processor; its text
    is not kept."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    provider = models.CharField(max_length=20)
    event_id = models.CharField(max_length=80)
    kind = models.CharField(max_length=60)
    at = models.DateTimeField(db_default=Now())
    payment = models.ForeignKey(Payment, null=True, on_delete=models.PROTECT)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "event_id"], name="store_notice_once"),
        ]


class ProviderCertificate(models.Model):
    """A certificate with which a processor signs its notices, as fetched from its own host."""

    url = models.URLField(max_length=300, primary_key=True)
    pem = models.TextField()
    fetched_at = models.DateTimeField(db_default=Now())


class Transaction(AppendOnly):
    """One entry in the books: two or more legs that sum to zero. Never changed; a correction is
    another entry. `key` names what it books, so that nothing is booked twice."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    at = models.DateTimeField(db_default=Now())
    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=120, unique=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="transactions")


class Leg(AppendOnly):
    """One side of an entry. Positive cents are a debit, negative a credit."""

    class Account(models.TextChoices):
        RECEIVABLE = "receivable", "What customers owe"
        PAYPAL = "paypal", "Money at PayPal"
        SALES = "sales", "Sales"
        REFUNDS = "refunds", "Refunds under way"

    id = models.UUIDField(primary_key=True, default=uuid7)
    transaction = models.ForeignKey(Transaction, on_delete=models.PROTECT, related_name="legs")
    account = models.CharField(max_length=12, choices=Account.choices)
    cents = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(cents=0), name="store_leg_not_zero"),
        ]
        indexes = [models.Index(F("account"), name="store_leg_account")]


class Refund(models.Model):
    """Money that goes back for one line of an order, whole or in part, the way it came.

    `asked`: we asked the processor and do not know the outcome yet. `pending`: the processor is
    at work on it. `completed`: the money went back under `refund_ref`. `failed`: it did not, and
    `problem` says why. An unknown outcome stays what it is. The database holds what goes back for
    a line to what was paid for it. `attempt_key` was made before the first click.

    `reason` is why, `note` the words of the office, and `decision` what the provider's rule said
    of the case when it was decided."""

    class State(models.TextChoices):
        ASKED = "asked"
        PENDING = "pending"
        COMPLETED = "completed"
        FAILED = "failed"

    ENDED = (State.COMPLETED, State.FAILED)

    class Reason(models.TextChoices):
        CHANGED_MIND = "changed_mind", _("The course is not for them")
        OUR_FAULT = "our_fault", _("We canceled it, or an approval is missing")
        PAID_TOO_MUCH = "paid_too_much", _("They paid twice, or too much")

    id = models.UUIDField(primary_key=True, default=uuid7)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="refunds")
    cents = models.PositiveIntegerField()
    attempt_key = models.CharField(max_length=40, unique=True)
    reason = models.CharField(max_length=14, choices=Reason.choices)
    note = models.CharField(max_length=500, blank=True)
    decision = models.JSONField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    refund_ref = models.CharField(max_length=80, null=True, unique=True)  # noqa: DJ001  (null = not known yet)
    problem = models.CharField(max_length=200, blank=True)
    asked_by = models.UUIDField(null=True)
    asked_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(cents__gt=0), name="store_refund_some"),
            models.CheckConstraint(
                condition=~Q(state="completed") | Q(refund_ref__isnull=False),
                name="store_refund_completed_has_ref",
            ),
        ]
        ordering = ("asked_at", "id")

    @property
    def amount(self) -> Money:
        return Money(self.cents, self.payment.order.currency)


class Document(AppendOnly):
    """An invoice or a credit note as it was issued: its number, what it says, and the exact bytes.
    The numbers of each kind run 1, 2, 3 without a gap; the database takes only the next one. A
    paid order has one invoice, a completed refund one credit note."""

    class Kind(models.TextChoices):
        INVOICE = "invoice", "Invoice"
        CREDIT_NOTE = "credit_note", "Credit note"

    PREFIX: ClassVar[dict[str, str]] = {Kind.INVOICE: "INV", Kind.CREDIT_NOTE: "CN"}

    id = models.UUIDField(primary_key=True, default=uuid7)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    number = models.PositiveBigIntegerField()
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="documents")
    refund = models.OneToOneField(
        Refund, null=True, on_delete=models.PROTECT, related_name="credit_note"
    )
    issued_at = models.DateTimeField(db_default=Now())
    content = models.JSONField()
    pdf = models.BinaryField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "number"], name="store_document_number"),
            models.UniqueConstraint(
                fields=["order"], condition=Q(kind="invoice"), name="store_document_one_invoice"
            ),
            models.CheckConstraint(
                condition=Q(kind="invoice", refund=None)
                | Q(kind="credit_note", refund__isnull=False),
                name="store_document_refund_of_credit_note",
            ),
        ]
        ordering = ("issued_at", "id")

    @property
    def name(self) -> str:
        """The number as people read it: INV-000017."""
        return f"{self.PREFIX[self.kind]}-{self.number:06d}"


class Reconciliation(models.Model):
    """One reading of a processor's list of what it did between two instants, page by page."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    provider = models.CharField(max_length=20)
    since = models.DateTimeField()
    until = models.DateTimeField()
    pages = models.PositiveIntegerField(default=0)
    begun_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "since", "until"], name="store_reconciliation_once"
            ),
            models.CheckConstraint(
                condition=Q(since__lt=F("until")), name="store_reconciliation_forward"
            ),
        ]


class StatementLine(models.Model):
    """A movement of money as the processor lists it, last read at `read_at`. Positive cents came
    in, negative went out; fees are not part of them. `order_reference` is what the processor
    says of our order."""

    class Kind(models.TextChoices):
        CAPTURE = "capture"
        REFUND = "refund"

    id = models.UUIDField(primary_key=True, default=uuid7)
    provider = models.CharField(max_length=20)
    reference = models.CharField(max_length=80)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    cents = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    at = models.DateTimeField()
    order_reference = models.CharField(max_length=127, blank=True)
    read_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "reference"], name="store_statementline_once"
            ),
        ]
        indexes = [models.Index(fields=["provider", "at"], name="store_statementline_at")]


class Difference(models.Model):
    """Where the processor's list and our books do not agree, or our books not with themselves.
    Found once, however often it is looked for. It is open until somebody writes down what came
    of it, or until a later look finds that both agree (`resolved_by` is empty then)."""

    class Kind(models.TextChoices):
        THEIRS_ALONE = "theirs_alone", _("Not in our books")
        OURS_ALONE = "ours_alone", _("Not in the processor's list")
        AMOUNT = "amount", _("Another amount")
        BOOKS = "books", _("Our books do not add up")

    id = models.UUIDField(primary_key=True, default=uuid7)
    provider = models.CharField(max_length=20)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    reference = models.CharField(max_length=120)
    order = models.ForeignKey(
        Order, null=True, on_delete=models.PROTECT, related_name="differences"
    )
    our_cents = models.BigIntegerField(null=True)
    their_cents = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)
    found_at = models.DateTimeField(db_default=Now())
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.UUIDField(null=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "kind", "reference"], name="store_difference_once"
            ),
            models.CheckConstraint(
                condition=Q(resolved_at=None, resolved_by=None, note="")
                | (Q(resolved_at__isnull=False) & ~Q(note="")),
                name="store_difference_resolved_with_note",
            ),
        ]

    @property
    def ours(self) -> Money | None:
        return None if self.our_cents is None else Money(self.our_cents, self.currency)

    @property
    def theirs(self) -> Money | None:
        return None if self.their_cents is None else Money(self.their_cents, self.currency)
