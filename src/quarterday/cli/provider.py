"""`quarterday provider`: ourselves."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import typer

from quarterday.cli._shared import Fields, Json, at_desk, day, decimal, fields_of, group, show, show_one

app = group("Ourselves: address, bank, numbering, tax codes, device classes.")


@app.command("set-up")
def set_up_provider(
    name: Annotated[str, typer.Option(help="Our name, as customers know it.")],
    country: Annotated[str, typer.Option(help="Our country, two letters: DE.")],
    tax_rate: Annotated[
        Decimal | None, typer.Option(parser=decimal, metavar="PERCENT", help="Our standard rate, where none is known.")
    ] = None,
    fields: Fields = None,
) -> None:
    """Begin: make the provider with its country's tax rules, number series, device classes and reminders.

    Doing it again changes nothing that is there.

    \b
    quarterday provider set-up --name "Bright MSP" --country DE --set vat_id=DE136695976 --set time_zone=Europe/Berlin
    """
    with at_desk() as desk:
        from quarterday.provider.actions import install_defaults

        provider = install_defaults(
            name=name, country=country, tax_rate=tax_rate, by=desk.by, now=desk.now, **fields_of(fields or [])
        )
    typer.echo(
        f"Its time zone is {provider.time_zone} and its language {provider.language}: `quarterday provider change --set"
        " time_zone=Europe/Berlin --set language=de` says others."
    )
    typer.echo("The provider is set up. Next: `quarterday provider show`, then `quarterday mail configure`.")


@app.command("show")
def show_provider(as_json: Json = False) -> None:
    """Show what our bills say of us, and how we bill.

    \b
    quarterday provider show
    quarterday provider show --json
    """
    with at_desk():
        from quarterday.provider.actions import PROVIDER_FIELDS
        from quarterday.provider.queries import class_names, get_provider, number_patterns, tax_codes

        provider = get_provider()
        told: dict[str, Any] = {name: getattr(provider, name) for name in PROVIDER_FIELDS}
        told["logo"] = provider.logo_type or None
        told["numbering"] = {kind: series.pattern for kind, series in number_patterns().items()}
        told["tax_codes"] = [code.code for code in tax_codes()]
        told["device_classes"] = list(class_names())
    show_one(told, as_json=as_json)


@app.command()
def change(fields: Fields = None) -> None:
    """Change what we say about ourselves, from the next bill on. The fields are those of `provider show`.

    \b
    quarterday provider change --set iban="DE89 3704 0044 0532 0130 00" --set bill_hour=7 --set review_all_bills=yes
    """
    with at_desk() as desk:
        from quarterday.provider.actions import change_provider
        from quarterday.provider.queries import get_provider

        change_provider(get_provider(), by=desk.by, now=desk.now, **fields_of(fields or []))
    typer.echo("Saved.")


@app.command()
def logo(
    picture: Annotated[typer.FileBinaryRead, typer.Argument(help="A PNG, JPEG or SVG of at most 1 MB.")],
) -> None:
    """Take a picture as the logo of our bills.

    \b
    quarterday provider logo logo.svg
    """
    content = picture.read(2_000_000)
    with at_desk() as desk:
        from quarterday.provider.actions import change_logo
        from quarterday.provider.queries import get_provider

        change_logo(get_provider(), content=content, by=desk.by, now=desk.now)
    typer.echo("Saved.")


@app.command()
def numbering(
    kind: Annotated[str, typer.Argument(help="invoice or credit_note.")],
    pattern: Annotated[str, typer.Argument(help="With {year} and {number}.")],
    restart: Annotated[bool, typer.Option(help="Begin each year with 1.")] = True,
) -> None:
    """Number documents by another pattern, from the next one on.

    \b
    quarterday provider numbering invoice "R{year}-{number:06d}"
    """
    with at_desk() as desk:
        from quarterday.bills.numbering import number_given_twice
        from quarterday.provider.actions import change_number_series

        twice = number_given_twice(kind=kind, pattern=pattern, restarts_yearly=restart, on=desk.now.date())
        change_number_series(
            kind=kind, pattern=pattern, restarts_yearly=restart, given_twice=twice, by=desk.by, now=desk.now
        )
    typer.echo(f"The next {kind} is numbered like {pattern.format(year=desk.now.year, number=1)}.")


@app.command()
def classes(as_json: Json = False) -> None:
    """List the device classes.

    \b
    quarterday provider classes
    """
    with at_desk():
        from quarterday.provider.queries import class_names

        rows = [{"key": key, "name": name} for key, name in class_names().items()]
    show(rows, {"key": "Key", "name": "Name"}, as_json=as_json, empty="None yet: run `quarterday provider set-up`.")


@app.command("add-class")
def add_class(
    key: Annotated[str, typer.Argument(help="What imports and plans say: network-switch.")],
    name: Annotated[str, typer.Argument(help="What bills say: Network switch.")],
) -> None:
    """Add a device class.

    \b
    quarterday provider add-class network-switch "Network switch"
    """
    with at_desk() as desk:
        from quarterday.provider.actions import add_device_class

        add_device_class(key=key, name=name, by=desk.by, now=desk.now)
    typer.echo("Added.")


@app.command()
def taxes(as_json: Json = False) -> None:
    """List the tax rules: the most specific one that has begun is taken.

    \b
    quarterday provider taxes
    """
    with at_desk():
        from quarterday.provider.queries import tax_rules

        rows = [
            {
                "tax_code": rule.tax_code.code,
                "country": rule.country,
                "region": rule.region,
                "status": rule.status,
                "from": rule.valid_from,
                "category": rule.category,
                "rate": rule.rate.normalize(),
                "reason": rule.reason,
            }
            for rule in tax_rules()
        ]
    columns = {name: name.replace("_", " ").capitalize() for name in (rows[0] if rows else {})}
    show(rows, columns, as_json=as_json, empty="None yet: run `quarterday provider set-up`.")


@app.command("add-tax")
def add_tax(
    code: Annotated[str, typer.Argument(help="The tax code, such as standard; a new one is added.")],
    category: Annotated[str, typer.Option(help="S, Z, E, AE, G or O.")],
    rate: Annotated[Decimal, typer.Option(parser=decimal, metavar="PERCENT", help="For category S.")] = Decimal(0),
    country: Annotated[str, typer.Option(help="Two letters; any if left out.")] = "",
    region: Annotated[str, typer.Option(help="A state or province.")] = "",
    status: Annotated[str, typer.Option(help="standard, business or exempt; any if left out.")] = "",
    since: Annotated[
        date | None,
        typer.Option("--from", parser=day, metavar="YYYY-MM-DD", help="Its first day; always if left out."),
    ] = None,
    reason: Annotated[str, typer.Option(help="What a bill prints when no tax is charged.")] = "",
    name: Annotated[str, typer.Option(help="The name of a new tax code.")] = "",
    account: Annotated[str, typer.Option(help="The revenue account of a new tax code.")] = "",
) -> None:
    """Say how a tax code is taxed at a place, from a day on.

    \b
    quarterday provider add-tax standard --category S --rate 21 --country DE --from 2027-01-01
    quarterday provider add-tax hardware --name Hardware --account 8402 --category S --rate 19 --country DE
    """
    with at_desk() as desk:
        from quarterday.provider.actions import add_tax_code, add_tax_rule
        from quarterday.provider.queries import tax_codes

        tax_code = tax_codes().filter(code=code).first() or add_tax_code(
            code=code, name=name or code, revenue_account=account, by=desk.by, now=desk.now
        )
        add_tax_rule(
            tax_code,
            category=category,
            rate=rate,
            country=country,
            region=region,
            status=status,
            valid_from=since,
            reason=reason,
            by=desk.by,
            now=desk.now,
        )
    typer.echo("Added.")
