"""People and what they may do; what became visible to whom; who did what, when."""

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.functional import cached_property


class Role(models.TextChoices):
    """What a person may do; one person may hold several (see permissions.py)."""

    READER = "reader", "Reader"
    CATALOGUER = "cataloguer", "Cataloguer"
    CODER = "coder", "Coder"
    ANALYST = "analyst", "Analyst"
    EDITOR = "editor", "Editor"
    ADMINISTRATOR = "administrator", "Administrator"


class User(AbstractUser):
    """A person with an account. is_staff and is_superuser are not used: roles decide."""

    REQUIRED_FIELDS: ClassVar[list[str]] = []

    @cached_property
    def roles(self) -> frozenset[Role]:
        """The roles held, asked once, as is_active is: each request reads the person anew."""
        held = self.grants.values_list("role", flat=True)
        return frozenset(Role(role) for role in held)

    def forget_roles(self) -> None:
        """Have the roles asked again: they have changed."""
        self.__dict__.pop("roles", None)


class RoleGrant(models.Model):
    """One role held by one person."""

    person = models.ForeignKey(User, models.CASCADE, related_name="grants")
    role = models.CharField(max_length=20, choices=Role.choices)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "role"], name="one_grant_of_a_role"),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.role}"


class FailedSignIn(models.Model):
    """A sign-in that did not succeed, kept for a quarter of an hour to slow down guessing.

    account, address: keyed hashes of the name typed (people type passwords there by mistake) and
    of where the request came from, so the table tells nothing about either.
    """

    account = models.CharField(max_length=64)
    address = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["account", "at"], name="failed_by_account"),
            models.Index(fields=["address", "at"], name="failed_by_address"),
            models.Index(fields=["at"], name="failed_by_time"),
        ]

    def __str__(self) -> str:
        return f"failed at {self.at:%Y-%m-%d %H:%M}"


class State(models.TextChoices):
    """Where something stands between arriving and leaving; visibility.py says who sees which."""

    RECEIVED = "received", "Received"
    IN_CHECK = "in_check", "In check"
    INTERNAL = "internal", "Internal"
    EMBARGOED = "embargoed", "Embargoed"
    PUBLISHED = "published", "Published"
    WITHDRAWN = "withdrawn", "Withdrawn"
    EXPIRED = "expired", "Expired"


class Visible(models.Model):
    """Anything that is shown to some and not to others.

    public_from: when an embargoed thing becomes public; null in every other state.
    """

    state = models.CharField(max_length=12, choices=State.choices, default=State.RECEIVED)
    public_from = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


class Installation(models.Model):
    """The one row that says which installation this database is of (see installation.py).

    removals_seen: number of the last line of the journal of removals that this database contains
    (see removals.py). sending_paused_at: since when no emails are sent; null while they are.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    identifier = models.CharField(max_length=32)
    created_at = models.DateTimeField()
    removals_seen = models.PositiveBigIntegerField(default=0)
    sending_paused_at = models.DateTimeField(null=True)
    sending_paused_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(id=1), name="one_installation"),
        ]

    def __str__(self) -> str:
        return self.identifier


class AuditEntry(models.Model):
    """One thing somebody did: never changed, never deleted, chained by hash (see audit.py).

    actor: the account's name as it was, or "operator".
    subject: kind and key, as "report 3f9c01ab2d44".
    """

    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=200)
    detail = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering: ClassVar = ["pk"]
        indexes: ClassVar = [models.Index(fields=["subject"])]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor}: {self.action} {self.subject}"
