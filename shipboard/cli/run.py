"""Running Shipboard: `up` for everything at once, and the parts by hand (web, worker, migrate,
doctor). Django is imported inside the commands, so that `up` itself stays small.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial, wraps
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import click
from click.core import ParameterSource

from shipboard import clock
from shipboard.clock import BadClock
from shipboard.embedded import EmbeddedError, connected, home_directory
from shipboard.embedded.database import check_url, one_at_a_time
from shipboard.embedded.lifeline import watch
from shipboard.embedded.ports import claim_port, ip_address

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

    from shipboard.embedded.examine import Finding

P = ParamSpec("P")
R = TypeVar("R")

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000
# Two processes let one render while the other waits for its interpreter lock.
WEB_PROCESSES = min(2, os.cpu_count() or 1)
WEB_THREADS = 8
# A long import, run or export keeps the others waiting no longer than a turn. Syncing takes half of
# the places at most (the lanes of ingest/schedule.py), however slowly a marketplace answers.
WORKER_JOBS = 6
# Places for webhooks alone: what has just changed is on the screen in seconds, whatever else runs.
HOOK_JOBS = 2
# And for what goes to marketplaces: one slow shop keeps no other waiting.
SEND_JOBS = 4

host_option = click.option(
    "--host", default=DEFAULT_HOST, show_default=True, help="Address to listen on."
)
port_option = click.option(
    "--port", default=DEFAULT_PORT, show_default=True, type=click.IntRange(1, 65535)
)


def in_a_sentence(command: Callable[P, R]) -> Callable[P, R]:
    """A command whose EmbeddedError becomes its one sentence on stderr and exit code 2."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            if command.__name__ != "doctor":  # which tells of a bad clock itself
                clock.now()
            return command(*args, **kwargs)
        except (EmbeddedError, BadClock) as problem:
            click.echo(str(problem), err=True)
            sys.exit(2)

    return wrapped


def say(sentence: str) -> None:
    """To whoever watches; a terminal that has gone away is no reason to stop."""
    with contextlib.suppress(OSError):
        click.echo(sentence)


@click.command()
@click.option("--demo", is_flag=True, help="Add demo shops with made-up orders.")
@host_option
@port_option
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where everything is kept; by default SHIPBOARD_HOME or ./.shipboard.",
)
@click.pass_context
@in_a_sentence
def up(ctx: click.Context, demo: bool, host: str, port: int, home: Path | None) -> None:
    """Start everything: database, web and worker. Ctrl-C stops it again.

    When the default port is taken, the next free one is used; a --port that is taken is refused.
    """
    from shipboard.embedded.supervisor import Supervisor, Wishes

    named = ctx.get_parameter_source("port") is not ParameterSource.DEFAULT
    directory = (home or home_directory()).absolute()
    Supervisor(Wishes(directory, ip_address(host), port, named, demo), say).run()


@click.command()
@host_option
@port_option
@in_a_sentence
def web(host: str, port: int) -> None:
    """Run the web server alone."""
    # Under `up` the port is claimed already. By hand it is claimed here, for as long as we run: the
    # server itself would quietly share it with another server of the same user.
    host = ip_address(host)
    claim = None if watch() else claim_port(host, port, exactly=True)
    if not os.environ.get("SHIPBOARD_DATABASE_URL"):
        _beside_database("web", "--host", host, "--port", str(port))
    check_url(os.environ["SHIPBOARD_DATABASE_URL"])
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    Granian(
        "shipboard.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=WEB_PROCESSES,
        blocking_threads=WEB_THREADS,
        websockets=False,
        log_level=LogLevels.error,
        log_access=False,
        respawn_failed_workers=True,
        workers_kill_timeout=8,
    ).serve(target_loader=load_application)
    if claim:
        claim.release()


def load_application(target: str) -> WSGIApplication:
    """Called in each process of the web server, before it has signal handlers of its own.

    Those it inherits only take note of a signal; a process told to end while it loads would then
    stay until it is killed.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    application: WSGIApplication = import_module(target.partition(":")[0]).application
    return application


@click.command()
@in_a_sentence
def worker() -> None:
    """Run the background worker alone."""
    if not os.environ.get("SHIPBOARD_DATABASE_URL"):
        _beside_database("worker")
    check_url(os.environ["SHIPBOARD_DATABASE_URL"])
    watch()
    set_up_django()
    asyncio.run(_work())


async def _work() -> None:
    """All queues, and beside them workers of their own for the webhooks and for what goes out;
    until a signal ends the first."""
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.django_connector import DjangoConnector

    from shipboard import jobs
    from shipboard.fulfilment import queueing
    from shipboard.ingest import hook_work

    own = {hook_work.QUEUE: HOOK_JOBS, queueing.QUEUE: SEND_JOBS}
    # Each job takes a thread; by itself a machine of two cores would have six.
    threads = ThreadPoolExecutor(WORKER_JOBS + sum(own.values()) + 1)
    asyncio.get_running_loop().set_default_executor(threads)
    # Django's own connections cannot wait for jobs; the worker gets a pool of its own.
    with app.replace_connector(DjangoConnector().get_worker_connector()):
        async with app.open_async():
            run = partial(
                app.run_worker_async,
                shutdown_graceful_timeout=20,
                update_heartbeat_interval=jobs.HEARTBEAT,
                stalled_worker_timeout=jobs.SILENCE,
            )
            beside = [
                asyncio.create_task(
                    run(
                        queues=[queue],
                        name=queue,
                        concurrency=places,
                        install_signal_handlers=False,
                    )
                )
                for queue, places in own.items()
            ]
            await run(concurrency=WORKER_JOBS, install_signal_handlers=True)
            for worker in beside:
                worker.cancel()
            for worker in beside:
                with contextlib.suppress(asyncio.CancelledError):
                    await worker


def _beside_database(*arguments: str) -> None:
    """Run this part as a child beside the embedded database, and exit as it did.

    The process that owns the database stays free of Django and of forked web workers, which would
    keep its lock after a `kill -9`.
    """
    from shipboard.embedded.supervisor import run_alone

    with connected() as address:
        environment = {
            "SHIPBOARD_HOME": str(home_directory()),
            "SHIPBOARD_DATABASE_URL": address,
        }
        code = run_alone(arguments[0], list(arguments), environment, say)
    sys.exit(code if code >= 0 else 1)


@click.command()
@click.option("--prepare", is_flag=True, hidden=True, help="Also the first accounts; for `up`.")
@click.option("--demo", is_flag=True, hidden=True)
@click.option("--sandbox", hidden=True, default="", help="Address of the demo's marketplace.")
@click.option("--desk", hidden=True, default="", help="Address that this desk will have.")
@in_a_sentence
def migrate(prepare: bool, demo: bool, sandbox: str, desk: str) -> None:
    """Bring the database and the static files up to date."""
    watch()
    with django() as address, one_at_a_time(address):
        from django.core.management import call_command

        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        if not prepare:
            click.echo("The database is up to date.")
            return
        from shipboard import setup
        from shipboard.embedded.sandbox import UNUSED

        for line in setup.prepare(demo, sandbox, desk):
            click.echo(line)
        if demo and not setup.has_demo():
            sys.exit(UNUSED)


def set_up_django() -> None:
    import django as framework

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shipboard.settings")
    framework.setup()


@contextlib.contextmanager
def django() -> Iterator[str]:
    """Django with a database that answers, for the length of the block; gives its URL.

    Raises EmbeddedError when the embedded database cannot be had.
    """
    with connected() as address:
        set_up_django()
        try:
            yield address
        finally:
            from django.db import connections

            # Before the server stops, or its shutdown would cut them.
            connections.close_all()


@click.command()
def doctor() -> None:
    """Check this installation; change nothing. Exit code 0 when all is well, else 1."""
    from shipboard.embedded.examine import Verdict, examine_machine, examine_sandbox

    home = home_directory()
    findings = [
        *examine_machine(home),
        *_examine_database(),
        *examine_sandbox(home),
        _clock(),
    ]
    for finding in findings:
        click.echo(finding.line())
    sys.exit(1 if any(finding.verdict is Verdict.PROBLEM for finding in findings) else 0)


def _examine_database() -> Iterator[Finding]:
    from shipboard.embedded import examine

    if address := os.environ.get("SHIPBOARD_DATABASE_URL"):
        yield examine.ok("database", "the one that SHIPBOARD_DATABASE_URL names")
        running = True
    else:
        findings, address = examine.examine_embedded(home_directory())
        yield from findings
        running = any(finding.subject == "web" for finding in findings)
        if not running:
            yield examine.examine_port(DEFAULT_HOST, DEFAULT_PORT)
    if address:
        findings = examine.examine_connection(address, up=running)
        yield from findings
        if findings[0].verdict is examine.Verdict.OK:
            yield _migrations(address)


def _migrations(address: str) -> Finding:
    from shipboard.embedded import examine

    os.environ["SHIPBOARD_DATABASE_URL"] = address
    # The settings make and keep a key where there is none; looking must not.
    os.environ.setdefault("SHIPBOARD_SECRET_KEY", "only looking")
    set_up_django()
    from django.db import DEFAULT_DB_ALIAS, connections
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if pending:
        return examine.problem("migrations", f"{len(pending)} are pending; run `shipboard migrate`")
    return examine.ok("migrations", "none pending")


def _clock() -> Finding:
    from shipboard import clock
    from shipboard.embedded import examine

    if not (setting := clock.override()):
        return examine.ok("clock", "real time")
    try:
        shown = f"{clock.now():%Y-%m-%d %H:%M} UTC"
    except BadClock as trouble:
        return examine.problem("clock", str(trouble))
    return examine.note("clock", f"SHIPBOARD_NOW={setting}: the desk believes it is {shown}")
