"""`quarterday customers`: who is billed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from quarterday.cli._files import whole_file
from quarterday.cli._shared import Fields, Json, at_desk, day, fields_of, group, show, show_one

app = group("Who is billed.")

Number = Annotated[str, typer.Argument(metavar="NUMBER", help="The customer's number, such as C-0001.")]


@app.command("list")
def list_(
    search: Annotated[str, typer.Option(help="Part of the name, number, city, e-mail or VAT number.")] = "",
    archived: Annotated[bool, typer.Option("--archived", help="Those that were put away.")] = False,
    as_json: Json = False,
) -> None:
    """List customers.

    \b
    quarterday customers list --search bremen
    quarterday customers list --json
    """
    with at_desk():
        from quarterday.customers.queries import customer_list

        rows = [_row(customer) for customer in customer_list(search=search, archived=archived)]
    columns = {
        "number": "Number",
        "name": "Name",
        "city": "City",
        "country": "Country",
        "time_zone": "Time zone",
        "currency": "Currency",
        "emails": "E-mail",
    }
    show(rows, columns, as_json=as_json, empty="No customers. Add one with `quarterday customers add`.")


@app.command("show")
def show_customer(number: Number, as_json: Json = False) -> None:
    """Show a customer: its fields, contacts and plans.

    \b
    quarterday customers show C-0001
    """
    with at_desk():
        from quarterday.customers.queries import contacts_of, get_customer
        from quarterday.subscriptions.queries import subscription_list

        customer = get_customer(number)
        told = _row(customer)
        told["contacts"] = [f"{each.name} {each.email} {each.phone}".strip() for each in contacts_of(customer)]
        told["plans"] = [
            f"{each.plan} since {each.starts_on}" + (f" until {each.ends_on}" if each.ends_on else "")
            for each in subscription_list(customer_id=customer.pk)
        ]
    show_one(told, as_json=as_json)


@app.command()
def add(
    name: Annotated[str, typer.Option(help="The company's name.")],
    country: Annotated[str, typer.Option(help="Two letters: DE.")],
    time_zone: Annotated[str, typer.Option(help="An IANA name: Europe/Berlin.")],
    currency: Annotated[str, typer.Option(help="Three letters: EUR.")],
    email: Annotated[list[str] | None, typer.Option("--email", help="Where bills go; may be said many times.")] = None,
    fields: Fields = None,
) -> None:
    """Add a customer; without a number it gets the next one. More fields, as `customers show` has them, with --set.

    \b
    quarterday customers add --name "North Dental" --country DE --time-zone Europe/Berlin --currency EUR \\
        --email ap@north.example --set street="Kai 3" --set city=Kiel
    """
    given: dict[str, Any] = {
        "name": name,
        "country": country,
        "time_zone": time_zone,
        "currency": currency,
        "emails": email or [],
        **fields_of(fields or []),
    }
    with at_desk() as desk:
        from quarterday.customers.actions import add_customer
        from quarterday.customers.queries import customer_list

        customer = add_customer(by=desk.by, now=desk.now, **given)
        namesakes = [
            other.number for other in customer_list(archived=None).filter(name=customer.name).exclude(pk=customer.pk)
        ]
    typer.echo(f"Added {customer} as {customer.number}.")
    if namesakes:
        typer.echo(f"{', '.join(namesakes)} has the same name: from now on say the number. If it is one, archive one.")


@app.command()
def change(number: Number, fields: Fields = None) -> None:
    """Change a customer's fields, as `customers show` has them. A time zone counts from the next period.

    \b
    quarterday customers change C-0001 --set city=Bremen --set reminders=no
    """
    given = fields_of(fields or [])
    with at_desk() as desk:
        from quarterday.customers.actions import change_customer
        from quarterday.customers.queries import get_customer
        from quarterday.subscriptions.actions import change_customer_currency

        customer = get_customer(number)
        currency = given.pop("currency", None)
        if currency is not None:
            change_customer_currency(customer, currency=currency, by=desk.by, now=desk.now)
            customer = get_customer(number)
        changed = change_customer(customer, by=desk.by, now=desk.now, **given)
    typer.echo("Saved." if changed or currency is not None else "Nothing was different.")


@app.command()
def archive(
    number: Number,
    on: Annotated[
        date | None, typer.Option(parser=day, metavar="YYYY-MM-DD", help="The day; today if left out.")
    ] = None,
) -> None:
    """Put away a customer that has no plan any more; its bills, payments and reminders go on.

    \b
    quarterday customers archive C-0001
    """
    with at_desk() as desk:
        from quarterday.customers.queries import get_customer
        from quarterday.subscriptions.actions import archive_customer

        customer = get_customer(number)
        archive_customer(customer, on=on or desk.today(customer.time_zone), by=desk.by, now=desk.now)
    typer.echo(f"{customer} is archived. `quarterday customers restore {number}` brings it back.")


@app.command()
def restore(number: Number) -> None:
    """Bring an archived customer back.

    \b
    quarterday customers restore C-0001
    """
    with at_desk() as desk:
        from quarterday.customers.actions import restore_customer
        from quarterday.customers.queries import get_customer

        restore_customer(get_customer(number), by=desk.by, now=desk.now)
    typer.echo("Restored.")


@app.command("import")
def import_(
    file: Annotated[typer.FileBinaryRead, typer.Argument(help="A CSV file, or - for what is piped in.")],
    apply: Annotated[bool, typer.Option("--apply", help="Do it; otherwise it is only shown.")] = False,
    currency: Annotated[str, typer.Option(help="For new customers whose row says none.")] = "",
    time_zone: Annotated[str, typer.Option(help="For new customers; otherwise the provider's.")] = "",
    country: Annotated[str, typer.Option(help="For new customers; otherwise the provider's.")] = "",
) -> None:
    """Add and change customers from a CSV file: first shown, then, with --apply, done; a wrong file does nothing.

    Columns are named like the fields (name, number, street, city, country, currency, emails, vat_id, ...).

    \b
    quarterday customers import customers.csv --currency EUR
    quarterday customers import customers.csv --currency EUR --apply
    """
    with at_desk() as desk:
        from quarterday.customers.csvimport import LARGEST_BYTES, import_customers, read_customer_file
        from quarterday.provider.queries import find_provider

        provider = find_provider()
        defaults = {
            "currency": currency,
            "country": country or (provider.country if provider else ""),
            "time_zone": time_zone or (provider.time_zone if provider else ""),
            "language": provider.language if provider else "",
        }
        read = read_customer_file(file.read(LARGEST_BYTES + 1), defaults=defaults)
        if apply:
            import_customers(read, by=desk.by, now=desk.now)
    for problem in read.problems:
        typer.echo(str(problem), err=True)
    if read.ignored_columns:
        typer.echo(f"Columns that mean nothing here: {', '.join(read.ignored_columns)}.")
    unchanged = len(read.rows) - len(read.new) - len(read.changed)
    done = f"{len(read.new)} new, {len(read.changed)} changed, {unchanged} as they are"
    if read.problems:
        typer.echo(f"{done}, {len(read.problems)} wrong: correct these, nothing was done.", err=True)
        raise typer.Exit(1)
    typer.echo(f"{done}: {'done' if apply else 'say --apply to do it'}.")


@app.command("export-data")
def export_data(
    number: Number,
    out: Annotated[Path, typer.Option(help="The zip file to write.")],
) -> None:
    """Write everything that is known about a customer into a zip: JSON, CSV, the bills' PDFs. Nobody else is in it.

    \b
    quarterday customers export-data C-0001 --out north-dental.zip
    """
    # The file gets its name when the entry about it is kept: no data leaves without a trace.
    with whole_file(out, private=True) as file, at_desk() as desk:
        from quarterday.customers.queries import get_customer
        from quarterday.upkeep.privacy.portfolio import note_export, write_portfolio

        customer = get_customer(number)
        names = write_portfolio(file, customer, now=desk.now)
        note_export(customer, by=desk.by, now=desk.now)
    typer.echo(f"{len(names)} files about {customer} are in {out}.")


@app.command()
def erase(
    number: Number,
    apply: Annotated[bool, typer.Option("--apply", help="Do it, for ever; otherwise it is only shown.")] = False,
) -> None:
    """Erase an archived, settled customer's personal data: contacts, addresses, mails, devices that no bill counts.

    Issued bills and payments stay, because the law keeps them; the customer's number and what was done when stay, too.
    It cannot be taken back. Backups that were taken before still hold the data until they are thrown away.

    \b
    quarterday customers erase C-0001
    quarterday customers erase C-0001 --apply
    """
    with at_desk() as desk:
        from quarterday.customers.queries import get_customer
        from quarterday.upkeep.privacy.erasing import erase_customer, preview_erasure

        customer = get_customer(number)
        told = erase_customer(customer, by=desk.by, now=desk.now) if apply else preview_erasure(customer)
    for what, count in told.taken:
        typer.echo(f"{count:>6}  {what}")
    typer.echo(f"{told.user_count:>6}  users who see nobody else")
    typer.echo(f"{told.bill_count} issued bills and {told.payment_count} payments stay: the law keeps them.")
    typer.echo("Erased. Throw old backups away in time." if apply else "Nothing was changed: say --apply to do it.")


def _row(customer: Any) -> dict[str, Any]:
    names = (
        *("number", "name", "street", "postal_code", "city", "region", "country", "time_zone", "currency", "language"),
        *("tax_status", "tax_number", "vat_id", "emails", "po_number", "buyer_reference", "ledger_account"),
        *("review_bills", "direct_debit", "reminders", "reminder_days_before", "reminder_days_after"),
        *("late_fees", "late_fee_amount", "late_fee_percent", "notes"),
        "archived_on",
    )
    return {name: getattr(customer, name) for name in names}
