"""A run: one verb over many orders, frozen, row by row, with an outcome for each."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from shipboard.accounts.models import User
from shipboard.orders.attempts import Attempt
from shipboard.orders.models import Order


class Run(models.Model):
    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        PAUSED = "paused", "Paused"
        DONE = "done", "Done"

    #: What the form carried: the same form sent twice is one run.
    key = models.UUIDField(unique=True)
    verb = models.CharField(max_length=20)
    #: What the verb needs besides the order: a note's text, a flag's colour, a hold's reason.
    wishes = models.JSONField(default=dict)
    by = models.TextField()
    #: None: the command line, or somebody who has gone.
    person = models.ForeignKey(User, on_delete=models.SET_NULL, null=True)
    #: What was chosen, in words.
    chosen = models.TextField(blank=True)
    rows = models.IntegerField(default=0)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    begun_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    #: Its person has seen that it is done.
    seen_at = models.DateTimeField(null=True)
    #: What is left was not begun, by the person's wish.
    canceled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "run"
        indexes = [models.Index("id", name="run_live", condition=~Q(state="done"))]

    def __str__(self) -> str:
        return f"{self.verb} on {self.rows} orders"


class RunRow(models.Model):
    """One order of a run, and what became of it."""

    class Outcome(models.TextChoices):
        WAITING = "waiting", "Waiting"
        #: Handed to the outbox; its shipment says what becomes of it.
        SENDING = "sending", "Being sent"
        DONE = "done", "Done"
        #: Nothing to do: it was so already, or the verb does not suit the order.
        SKIPPED = "skipped", "Left as it was"
        FAILED = "failed", "Failed"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="each", db_index=False)
    position = models.IntegerField()
    #: None once the order has gone with its shop; its number stays.
    order = models.ForeignKey(Order, on_delete=models.SET_NULL, null=True, related_name="+")
    number = models.TextField()
    shop_name = models.TextField()
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.WAITING)
    reason = models.TextField(blank=True)
    attempts = models.SmallIntegerField(default=0)
    #: What the verb needs for this order alone, where a run has one of its own for each.
    wish = models.JSONField(null=True)
    attempt = models.ForeignKey(Attempt, on_delete=models.SET_NULL, null=True, related_name="rows")
    at = models.DateTimeField(null=True)

    class Meta:
        db_table = "run_row"
        constraints = [models.UniqueConstraint("run", "position", name="run_row_once")]
        indexes = [models.Index("run", "outcome", "position", name="run_row_outcome")]

    def __str__(self) -> str:
        return f"{self.number}: {self.outcome}"
