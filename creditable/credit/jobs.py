"""What credit does after the answer."""

from uuid import UUID

from creditable.credit import badges, certificates, proof_files, reports
from creditable.jobs import job
from creditable.lib.actor import Actor


@job("credit.issue_certificate")
def issue_certificate(*, award_id: str) -> None:
    certificates.issue(award_id=UUID(award_id), by=Actor.system("certificates"))


@job("credit.issue_badge")
def issue_badge(*, certificate_id: str) -> None:
    badges.issue(certificate_id=UUID(certificate_id), by=Actor.system("certificates"))


@job("credit.publish_list")
def publish_list(*, number: int) -> None:
    badges.publish_list(number=number, by=Actor.system("certificates"))


@job("credit.end_badge")
def end_badge(*, certificate_id: str) -> None:
    badges.publish_anew(certificate_id=UUID(certificate_id), by=Actor.system("certificates"))


@job("credit.send_due")
def send_due(*, authority: str) -> None:
    reports.send_due(authority=authority, by=Actor.system("reports"))


@job("credit.ask")
def ask(*, roster_id: str, wait_seconds: int) -> None:
    reports.ask(roster_id=UUID(roster_id), wait_seconds=wait_seconds, by=Actor.system("reports"))


@job("credit.look_again")
def look_again(*, subject_id: str) -> None:
    reports.look_again(by=Actor.system("reports"), subject_id=UUID(subject_id))


@job("credit.destroy_key")
def destroy_key(*, proof_id: str) -> None:
    proof_files.destroy_key(proof_id=UUID(proof_id))
