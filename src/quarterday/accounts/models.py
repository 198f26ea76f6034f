"""Key cabinet: who may sign in, as what, which customers are assigned to them, and what they laid on their desk."""

from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.utils.crypto import salted_hmac


class Role(models.TextChoices):
    ADMIN = "admin", "Admin"
    CLERK = "clerk", "Billing clerk"
    AUDITOR = "auditor", "Auditor"
    CUSTOMER_ADMIN = "customer_admin", "Customer admin"
    CONTACT = "contact", "Customer contact"


class UserManager(BaseUserManager["User"]):
    """Users are known by their e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> "User":
        return self.create_user(email, password, role=Role.ADMIN, **fields)


class User(AbstractUser):
    """Someone who may sign in; what they see follows from role and assignments, asked anew at each request."""

    username = None  # type: ignore[assignment]  # the base class's field is taken away
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=20, choices=Role, default=Role.CUSTOMER_ADMIN)
    language = models.CharField(max_length=10, default="en")
    session_round = models.PositiveIntegerField(default=0, db_default=0)
    """Sessions of an earlier round are over: raised when a user is closed, or their second factor is taken."""

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []
    objects = UserManager()  # type: ignore[misc,assignment]

    class Meta:
        constraints = [CheckConstraint(condition=Q(role__in=Role.values), name="a_user_has_a_known_role")]

    def get_session_auth_hash(self) -> str:
        """What a session carries: it is over with another password, and with another round."""
        return self._session_hash(None)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """The same under the signing keys of before, so that a new key signs nobody out."""
        for key in settings.SECRET_KEY_FALLBACKS:
            yield self._session_hash(key)

    def _session_hash(self, key: str | None) -> str:
        said = f"{self.password}/{self.session_round}"
        return salted_hmac("quarterday.session", said, secret=key, algorithm="sha256").hexdigest()


class Assignment(models.Model):
    """A customer whose rows this user may see."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="assignments")
    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="+")
    assigned_at = models.DateTimeField()
    assigned_by = models.CharField(max_length=200)

    class Meta:
        constraints = [UniqueConstraint(fields=["user", "customer"], name="a_customer_is_assigned_once")]


class Upload(models.Model):
    """A file on a user's desk while they look at what it would do; `options` say how it is to be read.

    Nobody else gets it, and it is thrown away once it was used or is a day old.
    """

    key = models.UUIDField(unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="uploads")
    purpose = models.CharField(max_length=20)
    name = models.CharField(max_length=200)
    content = models.BinaryField()
    options = models.JSONField(default=dict)
    kept_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
