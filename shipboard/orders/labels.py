"""Shipping labels that a platform makes, one row a parcel from the asking to the last print; the
orders in each as they were then; and the files themselves, sealed. Written only by fulfilment.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Upper

from shipboard.accounts.models import User
from shipboard.channels.contract import Handover, Rejection
from shipboard.channels.models import Shop
from shipboard.orders.models import Order, choices, money


class Label(models.Model):
    """Its life:

    creating -> created (the file is here) | rejected | unknown (the platform is being asked)
    creating -> delayed (arranged, and the file is long in coming) -> created
    rejected -> creating, when it is created again
    any -> voided: it must not be used
    """

    class State(models.TextChoices):
        CREATING = "creating", "Creating"
        CREATED = "created", "Created"
        REJECTED = "rejected", "Rejected"
        DELAYED = "delayed", "Delayed"
        UNKNOWN = "unknown", "Being asked for"
        VOIDED = "voided", "Voided"

    class Source(models.TextChoices):
        ASKED = "asked", "Created here"
        FOUND = "found", "Created at the marketplace"
        FILE = "file", "From a label file"

    class Print(models.TextChoices):
        """How far a document is on its way to paper."""

        NO = "no", "Not printed"
        SENT = "sent", "Sent to the printer"
        CONFIRMED = "confirmed", "Printed"

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, db_index=False)
    state = models.CharField(max_length=8, choices=State.choices)
    source = models.CharField(max_length=8, choices=Source.choices, default=Source.ASKED)
    #: The platform's package, once it has one; facts tell of it as a Parcel of this package_id.
    package_id = models.TextField(blank=True)

    tracking_number = models.TextField(blank=True)
    carrier = models.TextField(blank=True)
    service = models.TextField(blank=True)
    price = money()
    currency = models.CharField(max_length=3, blank=True)
    weight_grams = models.IntegerField(null=True)
    length_cm = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    width_cm = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    height_cm = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    handover = models.CharField(max_length=8, choices=choices(Handover), blank=True)
    slot_starts_at = models.DateTimeField(null=True)
    slot_ends_at = models.DateTimeField(null=True)
    warehouse = models.TextField(blank=True)

    by = models.TextField()
    #: When each stage was reached; the desk's clock. Asked, arranged (paid for), the file here.
    asked_at = models.DateTimeField()
    arranged_at = models.DateTimeField(null=True)
    stored_at = models.DateTimeField(null=True)
    #: Why it was rejected, or the file is long in coming: the group, and what the last attempt or
    #: question brought, in sentences.
    rejected_at = models.DateTimeField(null=True)
    rejection = models.CharField(max_length=20, choices=choices(Rejection), blank=True)
    reason = models.TextField(blank=True)
    next_step = models.TextField(blank=True)
    code = models.TextField(blank=True)
    words = models.TextField(blank=True)
    request_id = models.TextField(blank=True)
    voided_at = models.DateTimeField(null=True)
    voided_by = models.TextField(blank=True)
    void_reason = models.TextField(blank=True)

    #: When the file is asked for next, since when and how often it was (real time); None: not.
    fetch_at = models.DateTimeField(null=True)
    fetching_since = models.DateTimeField(null=True)
    fetches = models.SmallIntegerField(default=0)

    label_print = models.CharField(max_length=9, choices=Print.choices, default=Print.NO)
    slip_print = models.CharField(max_length=9, choices=Print.choices, default=Print.NO)
    #: How often the label itself went to a printer, when and by whom last.
    prints = models.SmallIntegerField(default=0)
    printed_at = models.DateTimeField(null=True)
    printed_by = models.TextField(blank=True)
    print_confirmed_at = models.DateTimeField(null=True)

    #: Somebody said that units canceled since are out of the parcel: which, {SKU: units}.
    cleared_at = models.DateTimeField(null=True)
    cleared_by = models.TextField(blank=True)
    cleared_units = models.JSONField(default=dict)

    class Meta:
        db_table = "label"
        indexes = [
            models.Index("shop", "state", "label_print", "id", name="label_state"),
            # Labels that ask for a person, for the card of logistics issues.
            models.Index(
                "shop",
                "asked_at",
                name="label_trouble",
                condition=Q(state__in=("rejected", "delayed", "unknown")),
            ),
            models.Index("fetch_at", name="label_to_fetch", condition=Q(fetch_at__isnull=False)),
            models.Index("package_id", name="label_package"),
            models.Index(Upper("tracking_number"), name="label_tracking"),
        ]
        constraints = [
            # For one package there is one live label at most, whatever is clicked, retried or
            # killed; of units without a package ClaimedUnit says the same.
            models.UniqueConstraint(
                "shop",
                "package_id",
                name="label_one_of_package",
                condition=~Q(package_id="") & ~Q(state="voided"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.package_id or self.pk}: {self.state}"

    @property
    def is_printed(self) -> bool:
        return self.label_print != Label.Print.NO


class LabelOrder(models.Model):
    """An order in a labelled parcel as it was when the label was asked for: what of it is inside
    (units by line position) but for what was canceled since and taken out, and the address that the
    label carries."""

    label = models.ForeignKey(Label, on_delete=models.CASCADE, related_name="inside")
    order = models.ForeignKey(
        Order, on_delete=models.CASCADE, related_name="labels", db_index=False
    )
    units = models.IntegerField()
    contents = models.JSONField(default=dict)
    #: md5 of the order's recipient as PostgreSQL writes it; blank: not to be compared.
    address = models.TextField(blank=True)

    class Meta:
        db_table = "label_order"
        constraints = [models.UniqueConstraint("order", "label", name="label_order_once")]

    def __str__(self) -> str:
        return f"{self.order_id} in {self.label_id}"


class LabelDocument(models.Model):
    """The platform's file of a label, untouched and sealed; it holds names and addresses. Gone
    after the shop's days (fulfilment/storing.py)."""

    label = models.OneToOneField(
        Label, on_delete=models.CASCADE, related_name="document", primary_key=True
    )
    sealed = models.BinaryField()
    media_type = models.CharField(max_length=40)
    pages = models.SmallIntegerField(default=1)
    stored_at = models.DateTimeField()

    class Meta:
        db_table = "label_document"
        indexes = [models.Index("stored_at", name="label_document_age")]

    def __str__(self) -> str:
        return f"document of {self.label_id}"


class PrintFile(models.Model):
    """What went to a printer at once: at most 100 labels, made again from its
    items whenever it is wanted. Several of one sending share `series`."""

    class Content(models.TextChoices):
        LABELS = "labels", "Labels"
        LABELS_AND_SLIPS = "labels_slips", "Labels and packing slips"
        SLIPS = "slips", "Packing slips"
        PICK_LIST = "pick_list", "Pick list"

    class Sorting(models.TextChoices):
        SKU = "sku", "SKU, single ones first"
        QUANTITY = "quantity", "Quantity"
        SHIP_BY = "ship_by", "Ship-by"
        GIVEN = "given", "As chosen"

    #: What the form carried: the same form sent twice is one.
    key = models.UUIDField()
    #: Of its series, from 1, and how many there are.
    number = models.SmallIntegerField(default=1)
    files = models.SmallIntegerField(default=1)
    content = models.CharField(max_length=12, choices=Content.choices)
    sorting = models.CharField(max_length=8, choices=Sorting.choices)
    #: The stack comes out with the last page on top, so it is turned round.
    is_reversed = models.BooleanField(default=False)
    size = models.CharField(max_length=6)
    by = models.TextField()
    person = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    sent_at = models.DateTimeField()
    labels = models.SmallIntegerField()
    #: The file begins with a pick list; so many labels of its run were still being created then.
    with_pick_list = models.BooleanField(default=False)
    with_cover = models.BooleanField(default=True)
    still_creating = models.SmallIntegerField(default=0)
    #: What was chosen and not printed, [[what, why], ...], for the cover of the first file.
    left_out = models.JSONField(default=list)
    #: Somebody said what became of it.
    settled_at = models.DateTimeField(null=True)
    settled_by = models.TextField(blank=True)

    class Meta:
        db_table = "print_file"
        constraints = [models.UniqueConstraint("key", "number", name="print_file_once")]

    def __str__(self) -> str:
        return f"{self.content} {self.number} of {self.files}"


class PrintItem(models.Model):
    """One label's place in a print file, from 1 in the order of the stack."""

    class Outcome(models.TextChoices):
        SENT = "sent", "Sent"
        CONFIRMED = "confirmed", "Printed"
        LOST = "lost", "Not printed"

    file = models.ForeignKey(PrintFile, on_delete=models.CASCADE, related_name="items")
    label = models.ForeignKey(Label, on_delete=models.CASCADE, related_name="printings")
    position = models.SmallIntegerField()
    outcome = models.CharField(max_length=9, choices=Outcome.choices, default=Outcome.SENT)
    #: Why it was printed once more.
    reason = models.TextField(blank=True)

    class Meta:
        db_table = "print_item"
        constraints = [models.UniqueConstraint("file", "position", name="print_item_once")]

    def __str__(self) -> str:
        return f"{self.position} of {self.file_id}"


#: Of a parcel that is, or may be, arranged: no second one may be asked for.
LIVE = (
    Label.State.CREATING,
    Label.State.CREATED,
    Label.State.DELAYED,
    Label.State.UNKNOWN,
)


def labelled(wanted: Q) -> Q:
    """Orders with a label for which `wanted` (of LabelOrder, `label__...`) holds."""
    return Q(Exists(LabelOrder.objects.filter(wanted, order=OuterRef("pk"))))
