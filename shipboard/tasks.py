"""Index of every job and the schedule; the work itself lives beside its verbs."""

from __future__ import annotations

from datetime import UTC, datetime

from procrastinate import JobContext
from procrastinate.contrib.django import app

from shipboard import clock, jobs
from shipboard.channels import calls
from shipboard.exports import exports, schedules, writing
from shipboard.fulfilment import (
    fetching,
    finding,
    outbox,
    pricing,
    queueing,
    recorded,
    ruling,
    runner,
    runs,
    sending,
    storing,
)
from shipboard.ingest import (
    findings,
    hook_work,
    imports,
    inbox,
    notices,
    schedule,
    telling,
    watching,
)
from shipboard.orders import tally
from shipboard.uploads import label_files, label_reading, uploads


@app.task(name="import_orders", queue="imports")
def import_orders(import_pk: int) -> None:
    imports.forget_file(imports.run_import(import_pk))


@app.periodic(cron="* * * * *")
@app.task(name="resume_imports", queueing_lock="resume_imports", queue="imports")
def resume_imports(timestamp: int) -> None:
    imports.resume_imports()


@app.periodic(cron="* * * * *")
@app.task(name="poll_shops", queueing_lock="poll_shops")
def poll_shops(timestamp: int) -> None:
    schedule.poll(clock.now())


@app.task(name=schedule.JOB, queue=schedule.QUEUE)
def sync_shop(shop_pk: int) -> None:
    schedule.carry_on_sync(shop_pk, clock.now)
    ruling.queue(shop_pk, clock.now(), clock.wall())


@app.task(name=schedule.RECONCILE_JOB, queue=schedule.QUEUE)
def reconcile_shop(shop_pk: int) -> None:
    schedule.carry_on_reconcile(shop_pk, clock.now)


@app.task(name=hook_work.JOB, queue=hook_work.QUEUE)
def read_hooks(shop_pk: int) -> None:
    hook_work.carry_on(shop_pk, clock.now)
    ruling.queue(shop_pk, clock.now(), clock.wall())


@app.periodic(cron="* * * * *")
@app.task(name="resume_hooks", queueing_lock="resume_hooks", queue=hook_work.QUEUE)
def resume_hooks(timestamp: int) -> None:
    hook_work.queue_due(clock.now())


@app.periodic(cron="* * * * *")
@app.task(name="watch_shops", queueing_lock="watch_shops")
def watch_shops(timestamp: int) -> None:
    watching.watch(clock.now(), datetime.now(UTC))
    telling.tell(clock.now(), datetime.now(UTC))


@app.periodic(cron="23 * * * *")
@app.task(name="forget_old", queueing_lock="forget_old")
def forget_old(timestamp: int) -> None:
    calls.forget_old(clock.now())
    findings.forget_old(clock.now())
    inbox.forget_old(clock.now())
    notices.forget_old(clock.now())
    uploads.purge(clock.now())
    storing.purge(clock.now())
    label_files.purge(clock.now())
    jobs.forget_old(datetime.now(UTC))


@app.task(name=runs.JOB, queue="runs")
def carry_on_run(run_pk: int) -> None:
    runner.carry_on(run_pk, clock.now)


@app.periodic(cron="* * * * *")
@app.task(name="resume_runs", queueing_lock="resume_runs")
def resume_runs(timestamp: int) -> None:
    runner.resume(clock.now)
    pricing.resume()


@app.task(name=pricing.JOB, queue=pricing.QUEUE)
def price_labels(batch_pk: int) -> None:
    pricing.carry_on(batch_pk, clock.now, clock.wall)


@app.task(name=queueing.SEND, queue=queueing.QUEUE)
def send_shipments(shop_pk: int) -> None:
    sending.carry_on(shop_pk, clock.now, clock.wall)


@app.periodic(cron="* * * * *")
@app.task(name="resume_sending", queueing_lock="resume_sending", queue=queueing.QUEUE)
def resume_sending(timestamp: int) -> None:
    outbox.queue_due(clock.wall())
    fetching.queue_due(clock.wall())


@app.task(name=ruling.JOB, queue=queueing.QUEUE)
def answer_requests(shop_pk: int) -> None:
    ruling.carry_on(shop_pk, clock.now, clock.wall)


@app.periodic(cron="* * * * *")
@app.task(name="resume_answering", queueing_lock="resume_answering")
def resume_answering(timestamp: int) -> None:
    ruling.queue_due(clock.now(), clock.wall())


@app.periodic(cron="* * * * *")
@app.task(name="find_labels", queueing_lock="find_labels")
def find_labels(timestamp: int) -> None:
    finding.find_new(clock.now(), clock.wall())


@app.task(name=queueing.FETCH, queue=queueing.QUEUE)
def fetch_labels(shop_pk: int) -> None:
    fetching.carry_on(shop_pk, clock.now, clock.wall)


@app.task(name=label_files.JOB, queue="labels")
def read_label_file(file_pk: int) -> None:
    label_reading.carry_on(file_pk, clock.now)


@app.periodic(cron="* * * * *")
@app.task(name="resume_label_files", queueing_lock="resume_label_files")
def resume_label_files(timestamp: int) -> None:
    label_files.resume()


@app.periodic(cron="* * * * *")
@app.task(name="confirm_recorded", queueing_lock="confirm_recorded")
def confirm_recorded(timestamp: int) -> None:
    recorded.confirm(clock.now())


@app.task(name=exports.JOB, queue="exports")
def write_export(export_pk: int) -> None:
    writing.carry_on(export_pk, clock.now)


@app.periodic(cron="* * * * *")
@app.task(name="resume_exports", queueing_lock="resume_exports")
def resume_exports(timestamp: int) -> None:
    writing.resume()


@app.periodic(cron="* * * * *")
@app.task(name="run_schedules", queueing_lock="run_schedules")
def run_schedules(timestamp: int) -> None:
    schedules.run_due(clock.now())


@app.periodic(cron="17 * * * *")
@app.task(name="purge_exports", queueing_lock="purge_exports")
def purge_exports(timestamp: int) -> None:
    exports.purge(clock.now())


@app.periodic(cron="* * * * *")
@app.task(name="fold_tally", queueing_lock="fold_tally")
def fold_tally(timestamp: int) -> None:
    tally.fold()


@app.periodic(cron="* * * * * */15")
@app.task(name="retry_stalled", queueing_lock="retry_stalled", pass_context=True)
async def retry_stalled(context: JobContext, timestamp: int) -> None:
    """Every 15 seconds; every job may be run twice."""
    await jobs.retry_stalled(context.app.job_manager)
