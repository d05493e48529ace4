"""Index of every job and the schedule; the work itself lives beside its verbs."""

from __future__ import annotations

from procrastinate import JobContext
from procrastinate.contrib.django import app

from shipboard.ingest import imports


@app.task(name="import_orders", queue="imports")
def import_orders(import_pk: int) -> None:
    imports.forget_file(imports.run_import(import_pk))


@app.periodic(cron="* * * * *")
@app.task(name="resume_imports", queueing_lock="resume_imports", queue="imports")
def resume_imports(timestamp: int) -> None:
    imports.resume_imports()


@app.periodic(cron="* * * * *")
@app.task(name="retry_stalled", queueing_lock="retry_stalled", pass_context=True)
async def retry_stalled(context: JobContext, timestamp: int) -> None:
    """Jobs of a worker that was killed go on with another; every job may be run twice."""
    for job in await context.app.job_manager.get_stalled_jobs():
        await context.app.job_manager.retry_job(job)
