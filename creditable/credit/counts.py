"""Will this course count for me? Asked before anybody pays."""

from dataclasses import replace
from uuid import UUID

from creditable.audit.clock import Now
from creditable.catalog.models import Course
from creditable.credit import history, packs, rules
from creditable.credit.rules import Reason, Verdict
from creditable.lib.dates import local_date
from creditable.people.models import License


def for_course(subject_id: UUID, course: Course) -> list[Verdict]:
    """One verdict for each license that the person holds, as if they completed the course today
    (two queries besides the course's approvals; one for a person without a license)."""
    held = (
        License.objects.filter(subject_id=subject_id)
        .annotate(now=Now())
        .order_by("created_at", "id")
    )
    licenses = list(held)
    if not licenses:
        return []
    lines = history.lines(subject_id)
    approvals = list(course.approvals.all())
    verdicts = []
    for license in licenses:
        pack = packs.find(license.authority)
        if pack is None:
            verdicts.append(_unknown_authority(license))
            continue
        verdict = rules.verdict(
            pack,
            history.license(license),
            [history.approval(row) for row in approvals if row.authority == pack.id],
            lines.get(pack.id, ()),
            local_date(license.now, pack.time_zone),
        )
        kind = pack.license_type(license.license_type)
        name = f"{kind.name if kind else license.license_type} {license.number}"
        verdicts.append(replace(verdict, license_name=name))
    return verdicts


def _unknown_authority(license: License) -> Verdict:
    fact = "the rules of the authority that issued this license"
    return Verdict(
        authority=license.authority,
        answer="cannot_tell",
        headline="We cannot tell",
        reasons=(Reason("missing", f"We do not know {fact}."),),
        facts_missing=(fact,),
        license_name=license.number,
    )
