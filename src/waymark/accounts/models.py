"""Accounts and roles, publication states, the installation, the audit log and the content state."""

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.functional import cached_property


class Role(models.TextChoices):
    """Role of a person; a person can have several (see permissions.py)."""

    READER = "reader", "Reader"
    CATALOGUER = "cataloguer", "Cataloguer"
    CODER = "coder", "Coder"
    ANALYST = "analyst", "Analyst"
    EDITOR = "editor", "Editor"
    ADMINISTRATOR = "administrator", "Administrator"


class User(AbstractUser):
    """Account of a person. is_staff and is_superuser are not used: roles decide.

    first_password_until: until when a password that somebody else made can be used, to choose
    one's own; null for a password of one's own.
    """

    REQUIRED_FIELDS: ClassVar[list[str]] = []
    first_password_until = models.DateTimeField(null=True, blank=True)

    @cached_property
    def roles(self) -> frozenset[Role]:
        """Roles of the account, read once: each request loads the account again."""
        # Not values_list: lists of accounts prefetch the grants.
        return frozenset(Role(grant.role) for grant in self.grants.all())

    def audit_subject(self) -> str:
        return f"account {self.username}"

    def forget_roles(self) -> None:
        """Forget the cached roles after a change."""
        self.__dict__.pop("roles", None)


class RoleGrant(models.Model):
    """Role that a person has."""

    person = models.ForeignKey(User, models.CASCADE, related_name="grants")
    role = models.CharField(max_length=20, choices=Role.choices)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "role"], name="one_grant_of_a_role"),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.role}"


class FailedSignIn(models.Model):
    """Failed sign-in, kept for an hour to slow down guessing.

    account, address: keyed hashes of the typed name (people type passwords there by mistake) and
    of the network, or of the device if it is known, so that the table reveals neither.
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


class KnownNetwork(models.Model):
    """Network from which an account has signed in. mark: keyed hash of it, as in FailedSignIn."""

    person = models.ForeignKey(User, models.CASCADE, related_name="networks")
    mark = models.CharField(max_length=64)
    seen_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "mark"], name="one_row_of_a_network"),
        ]

    def __str__(self) -> str:
        return f"network of {self.person}"


class LinkKind(models.TextChoices):
    """What a link is for by which a person chooses a password."""

    INVITATION = "invitation", "Invitation"
    RESET = "reset", "Reset"


class AccountLink(models.Model):
    """Link by which a person chooses a password, once. digest: SHA-256 of its token."""

    person = models.ForeignKey(User, models.CASCADE, related_name="links")
    kind = models.CharField(max_length=10, choices=LinkKind.choices)
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="account_link_by_end")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.person}"

    @property
    def letter_key(self) -> str:
        """Key of its email."""
        return f"account link {self.pk}"


class ResetRequest(models.Model):
    """Request for a link to choose a new password, kept for a day to bound them.

    address, network: keyed hashes of the email address that was typed and of where it came from.
    """

    address = models.CharField(max_length=64, db_index=True)
    network = models.CharField(max_length=64, db_index=True)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"asked at {self.at:%Y-%m-%d %H:%M}"


class SecondFactor(models.Model):
    """App of a person that shows a new code every 30 seconds (TOTP, RFC 6238).

    salt: random; the secret is made of it and the secret key of the site, so that the database
    alone reveals no code. last_step: number of the 30 seconds whose code was used last.
    """

    person = models.OneToOneField(User, models.CASCADE, related_name="second_factor")
    salt = models.CharField(max_length=64)
    last_step = models.BigIntegerField(default=0)
    added_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"second factor of {self.person}"


class RecoveryCode(models.Model):
    """Code that takes the place of the app once. digest: keyed hash; the row ends with its use."""

    person = models.ForeignKey(User, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "digest"], name="one_row_of_a_code"),
        ]

    def __str__(self) -> str:
        return f"recovery code of {self.person}"


class Passkey(models.Model):
    """Passkey of a person (WebAuthn). name: by its owner.

    key_id: SHA-256 of the id by which browsers know it. credential: public key with that id, as
    the standard writes attested credential data. sign_count: how often it had signed when it was
    used last, if it counts.
    """

    person = models.ForeignKey(User, models.CASCADE, related_name="passkeys")
    name = models.CharField(max_length=60)
    key_id = models.CharField(max_length=64, unique=True)
    credential = models.BinaryField()
    sign_count = models.PositiveBigIntegerField(default=0)
    added_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "name"], name="one_passkey_of_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class OrganisationAccount(models.Model):
    """Account at an organisation (OpenID Connect) with which a person signs in.

    issuer, subject: as in its tokens; an email address is never compared.
    """

    person = models.OneToOneField(User, models.CASCADE, related_name="organisation_account")
    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)
    linked_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="one_row_of_a_subject"),
        ]

    def __str__(self) -> str:
        return self.subject


class State(models.TextChoices):
    """Publication state of a record; visibility.py has the rule of who sees which."""

    RECEIVED = "received", "Received"
    IN_CHECK = "in_check", "In check"
    INTERNAL = "internal", "Internal"
    EMBARGOED = "embargoed", "Embargoed"
    PUBLISHED = "published", "Published"
    WITHDRAWN = "withdrawn", "Withdrawn"
    EXPIRED = "expired", "Expired"


class Visible(models.Model):
    """Abstract model of a record with a publication state.

    public_from: when an embargoed record becomes public; null in every other state.
    VISIBILITY_PATHS: paths to the states that must all let a person see it, its own first.
    """

    VISIBILITY_PATHS: ClassVar[tuple[str, ...]] = ("",)

    state = models.CharField(max_length=12, choices=State.choices, default=State.RECEIVED)
    public_from = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    def audit_subject(self) -> str:
        """The record in the words of the audit log: "review R01"."""
        raise NotImplementedError


class Installation(models.Model):
    """The single row that identifies the installation (see installation.py).

    removals_seen: number of the last line of the journal of removals that this database contains
    (see removals.py). sending_paused_at: start of a pause of emails; null if there is none.
    send_epoch: rises when the database proves to be an older copy: what it has not sent yet may
    have been sent since the copy was made.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    identifier = models.CharField(max_length=32)
    created_at = models.DateTimeField()
    removals_seen = models.PositiveBigIntegerField(default=0)
    sending_paused_at = models.DateTimeField(null=True)
    sending_paused_reason = models.CharField(max_length=500, blank=True)
    send_epoch = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(id=1), name="one_installation"),
        ]

    def __str__(self) -> str:
        return self.identifier


class AuditEntry(models.Model):
    """Entry of the audit log: never changed or deleted, chained by hash (see audit.py).

    actor: name of the account at that time, or "operator".
    subject: kind and key, such as "report 3f9c01ab2d44".
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
        indexes: ClassVar = [
            models.Index(fields=["subject"]),
            models.Index(fields=["at"], name="audit_by_time"),
            models.Index(fields=["actor", "at"], name="audit_by_person"),
            models.Index(fields=["action", "at"], name="audit_by_action"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor}: {self.action} {self.subject}"


class ContentState(models.Model):
    """The single row with the digest of the last audit entry that may change what a page shows.

    Written in the transaction of the change (see audit.py), so what is cached under a digest is
    never used after a change. The digest depends on all earlier entries: a restored database has
    another one as soon as anything happens in it. changed_at: time of that entry.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    digest = models.CharField(max_length=64)
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(id=1), name="one_content_state"),
        ]

    def __str__(self) -> str:
        return self.digest


class StageState(models.Model):
    """Digest of the last audit entry that may change what a stage has published.

    Written as ContentState is, for each stage that the services of the transaction wrote. Files
    that take minutes to write depend on these, so that no other change writes them again.
    """

    stage = models.CharField(max_length=20, primary_key=True)
    digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.stage}: {self.digest}"
