"""Runs (one verb over many orders, frozen, row by row, with an outcome for each), batches of labels
that become runs, and rules that answer buyers' requests.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from shipboard.accounts.models import User
from shipboard.channels.models import Shop
from shipboard.orders.attempts import Attempt
from shipboard.orders.labels import Label
from shipboard.orders.models import Order, money


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
    #: Of labels: they are printed as soon as all of them have come out one way or another.
    prints_at_once = models.BooleanField(default=False, db_default=False)

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


class LabelBatch(models.Model):
    """Labels about to be created for several parcels of one logistics type: what is known of each,
    its price, and what a person changed, until it becomes a run."""

    class State(models.TextChoices):
        PRICING = "pricing", "Prices are being asked for"
        READY = "ready", "Ready"
        BEGUN = "begun", "Begun"

    #: What the form carried; the run's key too, so that a batch is begun once.
    key = models.UUIDField(unique=True)
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="+")
    by = models.TextField()
    person = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    #: What its parcels have in common, in words.
    words = models.TextField(blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.READY)
    prints_at_once = models.BooleanField(default=False)
    #: How the carrier may get its parcels, asked once for their warehouse (fulfilment/pricing.py);
    #: empty: not asked yet.
    handover = models.JSONField(default=dict)
    made_at = models.DateTimeField()
    run = models.ForeignKey(Run, on_delete=models.SET_NULL, null=True, related_name="label_batches")

    class Meta:
        db_table = "label_batch"

    def __str__(self) -> str:
        return self.words


class LabelBatchRow(models.Model):
    """One parcel of a batch. `wish` as fulfilment/label_wishes.py keeps it; `services` as the
    platform offered them for it; `problem` keeps it out, and says why."""

    batch = models.ForeignKey(LabelBatch, on_delete=models.CASCADE, related_name="each")
    position = models.IntegerField()
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="+")
    #: The label that is created again.
    label = models.ForeignKey(Label, on_delete=models.SET_NULL, null=True, related_name="+")
    wish = models.JSONField(default=dict)
    services = models.JSONField(default=list)
    #: Prices are to be asked for, after a change of weight or size.
    is_unpriced = models.BooleanField(default=False)
    #: When the platform last answered (real time); prices do not last.
    priced_at = models.DateTimeField(null=True)
    is_left_out = models.BooleanField(default=False)
    problem = models.TextField(blank=True)
    next_step = models.TextField(blank=True)

    class Meta:
        db_table = "label_batch_row"
        constraints = [models.UniqueConstraint("batch", "position", name="label_batch_row_once")]

    def __str__(self) -> str:
        return f"{self.position} of {self.batch_id}"


class AnswerRule(models.Model):
    """When buyers' requests to cancel are approved without anybody looking. Off until somebody
    turns it on; every request that it looked at is a row of its log."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="answer_rules")
    name = models.TextField()
    is_on = models.BooleanField(default=False)
    #: Reasons by the channel's keys; none: whatever the reason.
    reasons = ArrayField(models.TextField(), default=list)
    #: Orders of at most this total, in the shop's currency; None: whatever the total.
    most_total = money()
    #: Asked at most so many minutes after payment; None: whenever.
    most_minutes = models.IntegerField(null=True)
    #: So many approvals an hour, and no more.
    hourly_most = models.IntegerField(default=20)
    changed_by = models.TextField()
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "answer_rule"

    def __str__(self) -> str:
        return self.name


class AnswerRuleEntry(models.Model):
    """What the rules of a shop made of one request to cancel."""

    class Outcome(models.TextChoices):
        APPROVED = "approved", "Approved"
        LEFT = "left", "Left to people"
        #: The hour's approvals were used up; looked at again.
        CAPPED = "capped", "Waits for the next hour"

    #: None: no rule matched.
    rule = models.ForeignKey(AnswerRule, on_delete=models.SET_NULL, null=True, related_name="log")
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="+")
    case_id = models.TextField()
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    #: Why, in a sentence, with the name that the rule had.
    reason = models.TextField()
    attempt = models.ForeignKey(Attempt, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "answer_rule_entry"
        constraints = [
            models.UniqueConstraint("order", "case_id", name="answer_rule_entry_once"),
        ]
        indexes = [models.Index("at", "id", name="answer_rule_entry_at")]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.outcome}"
