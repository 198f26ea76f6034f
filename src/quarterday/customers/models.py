"""Who is billed."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint


class TaxStatus(models.TextChoices):
    """What the tax rules ask of a customer besides its place."""

    STANDARD = "standard", "Taxed as usual"
    BUSINESS = "business", "Business with a VAT number (reverse charge abroad)"
    EXEMPT = "exempt", "Exempt from tax"


class Customer(models.Model):
    """A company whose devices we look after. Archived, never deleted."""

    number = models.CharField(max_length=30, unique=True)
    name = models.CharField(max_length=300)
    street = models.CharField(max_length=300, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    city = models.CharField(max_length=120, blank=True)
    region = models.CharField(max_length=120, blank=True)
    country = models.CharField(max_length=2)
    time_zone = models.CharField(max_length=64)
    currency = models.CharField(max_length=3)
    language = models.CharField(max_length=10, default="en")
    tax_status = models.CharField(max_length=20, choices=TaxStatus, default=TaxStatus.STANDARD)
    tax_number = models.CharField(max_length=60, blank=True)
    vat_id = models.CharField(max_length=30, blank=True)
    emails = ArrayField(models.EmailField(), default=list)
    po_number = models.CharField(max_length=60, blank=True)
    buyer_reference = models.CharField(max_length=100, blank=True)
    ledger_account = models.CharField(max_length=30, blank=True)
    review_bills = models.BooleanField(default=False)
    direct_debit = models.BooleanField(default=False)
    reminders = models.BooleanField(default=True)
    reminder_days_before = models.PositiveSmallIntegerField(null=True, blank=True)
    reminder_days_after = ArrayField(models.PositiveSmallIntegerField(), null=True, blank=True)
    late_fees = models.BooleanField(default=True, db_default=True)
    late_fee_amount = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    late_fee_percent = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    notes = models.TextField(blank=True)
    created_at = models.DateTimeField()
    archived_on = models.DateField(null=True)
    revision = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        constraints = [
            CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="a_currency_has_three_letters"),
            CheckConstraint(condition=Q(country__regex=r"^[A-Z]{2}$"), name="a_country_has_two_letters"),
            CheckConstraint(
                condition=Q(late_fee_amount=None) | Q(late_fee_percent=None),
                name="a_customers_late_fee_is_an_amount_or_a_percentage",
            ),
        ]
        indexes = [models.Index(fields=["name"], name="customers_by_name")]

    def __str__(self) -> str:
        return self.name


class ZoneChange(models.Model):
    """The customer's time zone from a local date on; a change counts for periods that start on or after that day."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="zone_changes")
    from_on = models.DateField()
    before = models.CharField(max_length=64)
    after = models.CharField(max_length=64)

    class Meta:
        constraints = [UniqueConstraint(fields=["customer", "from_on"], name="one_zone_change_a_day")]


class Contact(models.Model):
    """A person at the customer to call; who gets the bills is said by each subscription."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="contacts")
    name = models.CharField(max_length=200)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=60, blank=True)
    role = models.CharField(max_length=120, blank=True)
