"""Every address of the product: who may open it, and whose object it names. A route without a row here fails.

The list is kept by hand on purpose: what a view's decorator says is compared with it, not taken from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.urls import URLPattern, URLResolver, get_resolver

STAFF = ("admin", "clerk", "auditor")
WRITERS = ("admin", "clerk")
EVERYBODY = (*STAFF, "customer_admin", "contact")
ADMIN = ("admin",)
ROLES = (*EVERYBODY, "anonymous")


@dataclass(frozen=True, slots=True)
class Address:
    """Who may open it, what of a life (or of the world) each parameter names, and whether it only acts."""

    opens: tuple[str, ...]
    names: dict[str, str] = field(default_factory=dict)
    only_acts: bool = False


def _of(opens: tuple[str, ...], *only_acts: str, **names: dict[str, str]) -> dict[str, Address]:
    return {name: Address(opens, given, name in only_acts) for name, given in names.items()}


CUSTOMER, BILL, DRAFT, DEVICE = {"pk": "customer"}, {"pk": "bill"}, {"pk": "draft"}, {"pk": "device"}
SUBSCRIPTION, PLAN, USER = {"pk": "subscription"}, {"pk": "plan"}, {"pk": "user"}

ADDRESSES: dict[str, Address] = {
    **_of(
        EVERYBODY,
        *("my_theme",),
        dashboard={},
        customers={},
        customer_options={},
        customer=CUSTOMER,
        customer_bills=CUSTOMER,
        customer_account=CUSTOMER,
        customer_details=CUSTOMER,
        billing={},
        plan=PLAN,
        subscription=SUBSCRIPTION,
        next_bills=SUBSCRIPTION,
        bills={},
        export_bills={},
        consolidated_bill={},
        bills_waiting={},
        bill=BILL,
        bill_pdf=BILL,
        bill_facts=BILL,
        bill_proof=BILL,
        statement_pdf=CUSTOMER,
        inventory={},
        freshness={},
        sync={"pk": "sync"},
        mappings={},
        replacements={},
        exceptions={},
        unbilled_devices={},
        devices={},
        device=DEVICE,
        paused_devices={},
        late_truths={},
        conservation={},
        bill_bridge=BILL,
        ageing={},
        export_ageing={},
        ledger={},
        export_ledger={},
        write_offs={},
        payments={},
        proposals={},
        late_fees={},
        statement_csv=CUSTOMER,
        recount_past=CUSTOMER,
        replay_plan=PLAN,
        export_replay=PLAN,
        replay_sum=PLAN,
        my_account={},
        my_theme={},
    ),
    **_of(("admin", "auditor"), status={}, trail={}, audit={}, export_trail={}),
    **_of(ADMIN, "resume_work", "customer_data", resume_work={}, customer_data=CUSTOMER, erase_customer=CUSTOMER),
    **_of(
        WRITERS,
        *("restore_customer", "remove_contact"),
        *("archive_plan", "restore_plan"),
        *(
            "confirm_sure_bank_lines",
            "confirm_bank_line",
            "decide_bills",
            "unpark_customer",
            "decide_late",
            "release_bill",
            "recount_bill",
        ),
        *("confirm_sync", "reject_sync", "ignore_mapping", "decide_replacement", "outbox_again"),
        "outbox_take_back",
        *("follow_source", "undo_disassociation"),
        bank={},
        confirm_sure_bank_lines={},
        bank_line={"pk": "bank_line"},
        confirm_bank_line={"pk": "bank_line"},
        pause_reminders=BILL,
        end_pause={"pk": "pause"},
        decide_bills={},
        add_customer={},
        import_customers={},
        import_customers_preview={"key": "customer_file"},
        change_customer=CUSTOMER,
        change_currency=CUSTOMER,
        archive_customer=CUSTOMER,
        restore_customer=CUSTOMER,
        cancel_customer_charge={"pk": "customer", "charge_pk": "charge"},
        add_contact=CUSTOMER,
        change_contact={"pk": "customer", "contact_pk": "contact"},
        remove_contact={"pk": "customer", "contact_pk": "contact"},
        add_plan={},
        modify_plan=PLAN,
        withdraw_version={"pk": "plan", "version_pk": "version"},
        change_plan=PLAN,
        archive_plan=PLAN,
        restore_plan=PLAN,
        associate={},
        disassociate={},
        change_subscription=SUBSCRIPTION,
        restart_subscription={"pk": "ended"},
        undo_disassociation={"pk": "ended"},
        agree_prices=SUBSCRIPTION,
        uplift_prices=SUBSCRIPTION,
        withdraw_prices={"pk": "special", "terms_pk": "terms"},
        add_subscription_charge=SUBSCRIPTION,
        cancel_charge={"pk": "subscription", "charge_pk": "subscription_charge"},
        unpark_customer={"pk": "parked"},
        decide_late={"pk": "late"},
        generate_bills={},
        billing_run={"pk": "run"},
        add_charge={},
        record_payment={},
        release_bill=DRAFT,
        recount_bill=DRAFT,
        discard_bill=DRAFT,
        charge_draft=DRAFT,
        credit_bill=BILL,
        resend_bill=BILL,
        pay_bill=BILL,
        write_off_bill=BILL,
        undo_write_off={"pk": "write_off"},
        proposal={"pk": "proposal"},
        refund_payment={"pk": "payment"},
        withdraw_payment={"pk": "payment"},
        let_late_fee_go={"pk": "late_fee"},
        waive_missed=SUBSCRIPTION,
        confirm_sync={"pk": "sync"},
        reject_sync={"pk": "sync"},
        upload_devices={},
        upload_columns={"key": "device_file"},
        upload_preview={"key": "device_file"},
        mapping={"pk": "mapping"},
        ignore_mapping={"pk": "mapping"},
        customer_of_mapping={"pk": "mapping"},
        decide_replacement={"pk": "replacement"},
        end_exception={"pk": "exception"},
        add_device={},
        move_device=DEVICE,
        set_device_class=DEVICE,
        retire_device=DEVICE,
        reinstate_device=DEVICE,
        replace_device=DEVICE,
        except_device=DEVICE,
        correct_device=DEVICE,
        follow_source=DEVICE,
        outbox={},
        outbox_again={"pk": "delivery"},
        outbox_take_back={"pk": "delivery"},
    ),
    **_of(
        ADMIN,
        *("settings_remove_rule", "mail_test", "settings_assign", "settings_unassign"),
        *("settings_close_user", "settings_reopen_user", "settings_mail_link", "settings_forget_factor"),
        start={},
        settings={},
        settings_provider={},
        settings_bank={},
        settings_appearance={},
        settings_logo={},
        settings_preview={},
        settings_preview_pdf={},
        settings_numbering={},
        settings_taxes={},
        settings_tax_code={"pk": "tax_code"},
        settings_remove_rule={"pk": "tax_rule"},
        settings_classes={},
        settings_class={"pk": "device_class"},
        settings_billing={},
        mail_settings={},
        mail_test={},
        settings_reminders={},
        settings_letter={"kind": "letter", "code": "language"},
        settings_users={},
        settings_add_user={},
        settings_user=USER,
        settings_assign=USER,
        settings_unassign=USER,
        settings_close_user=USER,
        settings_reopen_user=USER,
        settings_mail_link=USER,
        settings_forget_factor=USER,
    ),
}

ENTRANCE = {
    *("health", "ready", "metrics"),
    *("first_admin", "ask_for_link", "link_is_on_its_way", "sign_in_by_link", "set_up_second_factor", None),
    *("account_login", "account_logout", "account_inactive", "account_signup", "account_reauthenticate"),
    *("account_email", "account_email_verification_sent", "account_change_password", "account_set_password"),
    *("account_reset_password", "account_confirm_login_code", "account_confirm_email"),
    *("account_reset_password_from_key_done", "account_reset_password_from_key", "account_reset_password_done"),
    *("mfa_index", "mfa_authenticate", "mfa_reauthenticate", "mfa_activate_totp", "mfa_deactivate_totp"),
    *("mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_download_recovery_codes"),
    *("mfa_list_webauthn", "mfa_add_webauthn", "mfa_reauthenticate_webauthn", "mfa_remove_webauthn"),
    *("mfa_edit_webauthn", "mfa_login_webauthn"),
}
"""Where people come in, and each one's own sign-in: none of these reads a customer's row (test_sign_in.py has them)."""


OF_THE_WHOLE_SHOP = {"ledger", "export_ledger", "payments", "proposals", "write_offs", "late_fees"}
"""Pages of everybody's money: for whoever sees some customers only, they are not there."""


def routes(resolver: URLResolver | None = None, before: str = "") -> Iterator[tuple[str | None, str]]:
    """Every route of the product: its name and its pattern."""
    for entry in (resolver or get_resolver()).url_patterns:
        pattern = f"{before}{entry.pattern}"
        if isinstance(entry, URLResolver):
            yield from routes(entry, pattern)
        elif isinstance(entry, URLPattern):
            yield entry.name, pattern
