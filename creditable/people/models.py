"""People, their licenses and identity documents, the roles they hold and the browsers they are
signed in with."""

from functools import cached_property
from typing import ClassVar
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from creditable.audit import prepared
from creditable.audit.clock import Now
from creditable.disclosure.models import Subject
from creditable.lib.actor import Actor
from creditable.lib.ids import uuid7
from creditable.people import permissions


class People(BaseUserManager["Person"]):
    def get_by_natural_key(self, username: str | None) -> "Person":
        return self.get(email__iexact=username)


class Person(AbstractBaseUser):
    """A human being with an account. The key is the subject's id: every other row points to the
    subject, so that erasing this row leaves them pointing at nobody.

    The address is the billing address; `state` is a two-letter code. A shipping address that is
    empty is the billing address. Whatever a person has not told us is an empty string. `password`
    is unusable for those who sign in by code."""

    subject = models.OneToOneField(
        Subject, primary_key=True, on_delete=models.PROTECT, related_name="person"
    )
    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=120)
    phone = models.CharField(max_length=40, blank=True)
    street = models.CharField(max_length=160, blank=True)
    city = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=2, blank=True)
    postal_code = models.CharField(max_length=10, blank=True)
    country = models.CharField(max_length=2, default="US")
    shipping_street = models.CharField(max_length=160, blank=True, default="")
    shipping_city = models.CharField(max_length=80, blank=True, default="")
    shipping_state = models.CharField(max_length=2, blank=True, default="")
    shipping_postal_code = models.CharField(max_length=10, blank=True, default="")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[People] = People()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="people_person_one_email"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def actor(self) -> Actor:
        """This person, doing something for themselves."""
        return Actor.person(self.subject_id)

    @property
    def staff_actor(self) -> Actor:
        """This person, doing something for the provider."""
        return Actor.staff(self.subject_id)

    @cached_property
    def roles(self) -> frozenset[str]:
        """The roles held now (one query, asked once)."""
        return frozenset(_roles(self.subject_id))

    @property
    def is_staff_member(self) -> bool:
        return bool(self.roles)

    def may(self, permission: str) -> bool:
        """Whether a role held now carries the permission."""
        return permission in permissions.carried_by(self.roles)


@prepared.query
def _roles(subject_id: UUID) -> "models.QuerySet[RoleGrant, str]":
    held = RoleGrant.objects.filter(subject_id=subject_id, revoked_at=None)
    return held.values_list("role", flat=True)


class License(models.Model):
    """A license to practice, as its holder typed it: what `authority` issued, of which type, and
    the name as printed on it. `authority` and `license_type` are ids of an authority's pack.
    `answers` are the `roles` and `facts` that its rules ask for, in the period that ends with the
    day of expiry."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="licenses")
    authority = models.CharField(max_length=60)
    license_type = models.CharField(max_length=60)
    number = models.CharField(max_length=40)
    name_as_printed = models.CharField(max_length=120)
    issued = models.DateField(null=True, blank=True)
    expires = models.DateField(null=True, blank=True)
    answers = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "authority", "license_type", "number"],
                name="people_license_once",
            ),
            models.CheckConstraint(
                condition=models.Q(issued=None)
                | models.Q(expires=None)
                | models.Q(expires__gt=models.F("issued")),
                name="people_license_expires_after_issue",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.authority} {self.number}"


class IdentityDocument(models.Model):
    """A photo or scan of who somebody is, handed in because the authority of a license demands it
    (`authority_name`, as it was shown). It is for that license, and one at a time.

    `encrypted` is the picture under a key of its own that no database holds
    (`disclosure.file_keys`), and empty once it has ended, which nobody takes back. `released_at` is
    when it was given to the sender, `delivered_at` when the authority took it, `destroyed_at` when
    its key was gone: from then on this row is the receipt of that."""

    class End(models.TextChoices):
        """Why it ended, as its holder is told."""

        ACKNOWLEDGED = "acknowledged", _("The authority has acknowledged what it was for.")
        SCHEDULE = "schedule", _("Our privacy policy lets us keep it no longer.")
        WITHDRAWN = "withdrawn", _("You took it back.")
        REPLACED = "replaced", _("You handed in another in its place.")
        LICENSE_REMOVED = "removed", _("You removed the license that it was for.")
        LICENSE_CHANGED = "changed", _("The license that it was for is with another authority now.")
        RETURNED = "returned", _("The authority did not take it.")
        UNREADABLE = "unreadable", _("It could be read no more.")

    id = models.UUIDField(primary_key=True, default=uuid7)
    subject = models.ForeignKey(
        Subject, on_delete=models.PROTECT, related_name="identity_documents"
    )
    license_id = models.UUIDField()
    authority = models.CharField(max_length=60)
    authority_name = models.CharField(max_length=120)
    encrypted = models.BinaryField()
    handed_in_at = models.DateTimeField(db_default=Now())
    released_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    end = models.CharField(max_length=12, choices=End.choices, blank=True, default="")
    ended_at = models.DateTimeField(null=True)
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["license_id"],
                condition=models.Q(end=""),
                name="people_identitydocument_one_a_license",
            ),
            models.CheckConstraint(
                condition=(
                    models.Q(end="", ended_at=None, destroyed_at=None) & ~models.Q(encrypted=b"")
                )
                | (~models.Q(end="") & models.Q(ended_at__isnull=False, encrypted=b"")),
                name="people_identitydocument_ended_is_empty",
            ),
            models.CheckConstraint(
                condition=models.Q(delivered_at=None) | models.Q(released_at__isnull=False),
                name="people_identitydocument_delivered_was_released",
            ),
        ]
        indexes = [
            models.Index(fields=["subject", "-handed_in_at"], name="people_identitydocument_of"),
        ]


class RoleGrant(models.Model):
    """A role that somebody was given, until `revoked_at`. One open grant a person and role; the
    closed ones remain as the history. `granted_by` is empty where the program gave it."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="role_grants")
    role = models.CharField(max_length=30)
    granted_at = models.DateTimeField(db_default=Now())
    granted_by = models.UUIDField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "role"],
                condition=models.Q(revoked_at=None),
                name="people_rolegrant_one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(revoked_by=None) | models.Q(revoked_at__isnull=False),
                name="people_rolegrant_revoked_at",
            ),
        ]


class Identity(models.Model):
    """An identity provider that may vouch for a person, and the number by which it knows them.
    Nothing else of what it says is kept."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="identities")
    provider = models.CharField(max_length=20)
    number = models.CharField(max_length=255)
    linked_at = models.DateTimeField(db_default=Now())
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "number"], name="people_identity_vouches_for_one"
            ),
            models.UniqueConstraint(
                fields=["subject", "provider"], name="people_identity_one_a_provider"
            ),
        ]


class Session(models.Model):
    """One browser that talks to us. The cookie holds a random number; only its SHA-256 stands
    here, so that reading this table signs nobody in.

    `subject` is empty until sign-in. `sealed` is what the program remembers for the browser,
    encrypted: it holds codes for a few minutes. `device` is the family of browser and system,
    never the exact versions. `seen_at` is when somebody last did something here,
    to some seconds."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    digest = models.CharField(max_length=64, unique=True)
    subject = models.ForeignKey(
        Subject, null=True, on_delete=models.PROTECT, related_name="sessions"
    )
    sealed = models.BinaryField()
    device = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["expires_at"], name="people_session_expires"),
        ]
