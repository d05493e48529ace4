"""People. One signs in with an e-mail address and a password; the role says what one may do.
The first owner comes from the environment or a one-time password (see shipboard/setup.py).
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F
from django.db.models.functions import Lower

from shipboard.accounts.roles import ROLE_LABELS, Role


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser):
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    role = models.CharField(
        max_length=20,
        choices=[(role.value, label) for role, label in ROLE_LABELS.items()],
        default=Role.VIEWER.value,
    )
    #: False: only those of `shops`, be they none.
    sees_all_shops = models.BooleanField(default=True)
    shops = models.ManyToManyField("shipboard.Shop", db_table="person_shop", blank=True)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(auto_now_add=True)

    #: How Manage Orders was last looked at: orders.filters.View, and the keys of the columns shown
    #: (desk/columns.py); none chosen: the usual ones.
    order_view = models.CharField(max_length=8, default="list")
    columns = ArrayField(models.TextField(), default=list, blank=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        db_table = "person"
        constraints = [models.UniqueConstraint(Lower("email"), name="person_email_once")]

    def __str__(self) -> str:
        return self.name or self.email


class Invitation(models.Model):
    """A way in for one person, once, until it expires; the link's secret is kept as a digest."""

    email = models.EmailField()
    role = models.CharField(
        max_length=20, choices=[(role.value, label) for role, label in ROLE_LABELS.items()]
    )
    sees_all_shops = models.BooleanField(default=True)
    shops = models.ManyToManyField("shipboard.Shop", db_table="invitation_shop", blank=True)
    digest = models.BinaryField(unique=True)
    by = models.TextField()
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "invitation"
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                condition=models.Q(accepted_at=None, revoked_at=None),
                name="invitation_open_once",
            )
        ]

    def __str__(self) -> str:
        return self.email


class AuditEntry(models.Model):
    """Who did what, and who saw what; never changed afterwards, and free of personal data."""

    at = models.DateTimeField()
    by = models.TextField()
    kind = models.CharField(max_length=40)
    #: What it was about, in words that stay true when the thing has gone.
    subject = models.TextField(blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        db_table = "audit_entry"
        #: Newest first, of all or of one actor or kind.
        indexes = [
            models.Index(F("at").desc(), F("id").desc(), name="audit_newest"),
            models.Index(F("by"), F("at").desc(), F("id").desc(), name="audit_by"),
            models.Index(F("kind"), F("at").desc(), F("id").desc(), name="audit_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.by}: {self.kind}"
