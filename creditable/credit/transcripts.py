"""What somebody completed, put together for a transcript."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings

from creditable.audit.clock import now
from creditable.credit import certificates, issuer, packs, transcript
from creditable.credit.certificates import State
from creditable.credit.models import Award, HeldCredit
from creditable.credit.phrases import minutes_in_words
from creditable.credit.transcript import Line, Sheet
from creditable.lib.dates import local_date

if TYPE_CHECKING:
    from creditable.credit.certificates import Edition


def of(subject_id: UUID, *, holder: str) -> bytes:
    """The transcript as PDF, as things stand now, the newest course first (three queries)."""
    held = certificates.by_award(subject_id=subject_id)
    awards = Award.objects.filter(subject_id=subject_id).order_by("-completed_on", "id")
    elsewhere = HeldCredit.objects.filter(subject_id=subject_id).order_by("-completed_on", "id")
    return transcript.render(
        Sheet(
            provider=issuer.current().face,
            holder=holder,
            made_on=local_date(now(), settings.TIME_ZONE),
            here=tuple(
                Line(
                    completed=award.completed_on.isoformat(),
                    course=award.snapshot["course"]["title"],
                    number=award.course_number,
                    authority=_short(award.authority),
                    hours=certificates.hours(award),
                    proof=_proof(next(iter(held[award.pk]), None)),
                )
                for award in awards
            ),
            elsewhere=tuple(
                Line(
                    completed=credit.completed_on.isoformat(),
                    course=credit.course_title,
                    number=credit.course_number,
                    authority=_short(credit.authority),
                    hours=_hours(credit),
                )
                for credit in elsewhere
            ),
            check_at=f"{settings.BASE_URL}/verify/",
        )
    )


def _proof(certificate: "Edition | None") -> str:
    if certificate is None:
        return ""
    if certificate.state == State.REVOKED:
        return "certificate revoked"
    return f"certificate {certificate.serial}"


def _short(authority: str) -> str:
    pack = packs.find(authority)
    return pack.short_name if pack else authority


def _hours(credit: HeldCredit) -> str:
    pack = packs.find(credit.authority)
    in_force = pack.rules_on(credit.completed_on) if pack else None
    return (
        minutes_in_words(credit.minutes, pack, in_force)
        if pack and in_force
        else f"{credit.minutes} min"
    )
