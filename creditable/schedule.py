"""Which verb runs at which time. Times are UTC, as cron writes them."""

from procrastinate.contrib.django import app

from creditable.credit import proof_files, reports
from creditable.disclosure import connections, refused_mail, replies, seals, verification
from creditable.disclosure.jobs import queue_unhandled
from creditable.learning import changes
from creditable.lib.actor import Actor
from creditable.people.jobs import clear_expired, end_documents
from creditable.people.releases import IDENTITY
from creditable.rights import contact, followers
from creditable.store import books, documents, reconciliation
from creditable.store.payments.paypal import flow, refunds


@app.periodic(cron="* * * * *")
@app.task(name="schedule.queue_unhandled", queueing_lock="schedule.queue_unhandled")
def unhandled_replies(timestamp: int) -> None:
    queue_unhandled()
    replies.forget(topic=IDENTITY)


@app.periodic(cron="17 * * * *")
@app.task(name="schedule.clear_expired", queueing_lock="schedule.clear_expired")
def sign_ins_that_are_over(timestamp: int) -> None:
    clear_expired()


@app.periodic(cron="37 * * * *")
@app.task(name="schedule.end_documents", queueing_lock="schedule.end_documents")
def documents_whose_time_is_over(timestamp: int) -> None:
    end_documents()
    proof_files.reconcile()


@app.periodic(cron="*/5 * * * *")
@app.task(name="schedule.look_again", queueing_lock="schedule.look_again")
def payments_that_wait(timestamp: int) -> None:
    flow.look_again()
    refunds.look_again()


@app.periodic(cron="*/5 * * * *")
@app.task(name="schedule.reports_look_again", queueing_lock="schedule.reports_look_again")
def reports_that_were_kept_back(timestamp: int) -> None:
    reports.look_again(by=Actor.system("schedule"))


@app.periodic(cron="*/5 * * * *")
@app.task(name="schedule.tell_held", queueing_lock="schedule.tell_held")
def who_was_not_written_to(timestamp: int) -> None:
    contact.tell_all(by=Actor.system("schedule"))


@app.periodic(cron="*/2 * * * *")
@app.task(name="schedule.seal", queueing_lock="schedule.seal")
def new_lines_of_the_ledger(timestamp: int) -> None:
    seals.seal()
    seals.publish()


@app.periodic(cron="30 6 * * *")
@app.task(name="schedule.tell_auditor", queueing_lock="schedule.tell_auditor")
def root_of_the_ledger(timestamp: int) -> None:
    seals.tell_auditor(by=Actor.system("schedule"))


@app.periodic(cron="47 * * * *")
@app.task(name="schedule.reconcile_connections", queueing_lock="schedule.reconcile_connections")
def connections_of_the_sender(timestamp: int) -> None:
    connections.reconcile(by=Actor.system("schedule"))
    refused_mail.watch()


@app.periodic(cron="20 7 * * *")
@app.task(name="schedule.verify_ledger", queueing_lock="schedule.verify_ledger")
def nightly_look_at_the_ledger(timestamp: int) -> None:
    verification.watch(by=Actor.system("schedule"))


@app.periodic(cron="40 8 * * *")
@app.task(name="schedule.reconcile", queueing_lock="schedule.reconcile")
def nightly_look_at_the_books(timestamp: int) -> None:
    reconciliation.begin(by=Actor.system("schedule"))
    books.check(by=Actor.system("schedule"))
    documents.catch_up()


@app.periodic(cron="* * * * *")
@app.task(name="schedule.tell_changes", queueing_lock="schedule.tell_changes")
def what_changed_about_a_course(timestamp: int) -> None:
    changes.tell_all(by=Actor.system("schedule"))


@app.periodic(cron="10 4 * * *")
@app.task(name="schedule.forget_followers", queueing_lock="schedule.forget_followers")
def addresses_that_did_not_confirm(timestamp: int) -> None:
    followers.forget(by=Actor.system("schedule"))
