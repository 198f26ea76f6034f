"""The defences: how each is switched off, which test of its own then turns red, and which others hold all the same.

A switch is SQL that a superuser runs in every database that a test gets, or a change of our code. `behind` are tests of
another defence against the same harm, where there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any

Switch = Callable[[], None]


@dataclass(frozen=True)
class Defence:
    """One layer. `own` are the tests that are about it, of which one at least turns red without it."""

    off: str | Switch
    own: tuple[str, ...]
    behind: tuple[str, ...]


def instead(*places: str, of: Any) -> Switch:
    """A switch that puts something in the place of our own; a place is module:name or module:Class.name."""

    def switch() -> None:
        for place in places:
            module, _, path = place.partition(":")
            *owners, name = path.split(".")
            owner: Any = import_module(module)
            for each in owners:
                owner = getattr(owner, each)
            assert hasattr(owner, name), place
            setattr(owner, name, of)

    return switch


def without_middleware(name: str) -> Switch:
    """A switch that takes a layer out of every request's way."""

    def switch() -> None:
        from django.conf import settings

        settings.MIDDLEWARE.remove(name)

    return switch


def no_escaping() -> None:
    """Templates show names as they come."""
    from django.template import engines

    engines["django"].engine.autoescape = False  # type: ignore[attr-defined]


def numbers_for_good() -> None:
    """A number that was taken is not given back when its transaction is."""
    from django.db import connection

    from quarterday.bills import numbering

    counters_of = numbering._locked_counters
    taken: dict[Any, Any] = {}

    def locked_counters(keys: Any) -> Any:
        counters = counters_of(keys)
        for key, counter in counters.items():
            place = (connection.settings_dict["NAME"], key)
            counter.number = max(counter.number, taken.get(place, counter).number)
            taken[place] = counter
        return counters

    numbering._locked_counters = locked_counters


def everybody_sees_all() -> None:
    """The door gives each user the scope of the whole shop."""
    from quarterday.shared.scope import Scope
    from quarterday.web import door

    of_user = door.entrance_of

    def entrance_of(user: Any) -> Any:
        from dataclasses import replace

        return replace(of_user(user), scope=Scope.all())

    door.entrance_of = entrance_of


def everybody_may_all() -> None:
    """The door thinks that each role has the abilities of an admin."""
    from quarterday.accounts.roles import ABILITIES
    from quarterday.web import door

    door.abilities_of = lambda user: ABILITIES["admin"]


@contextmanager
def _always_free(delivery_id: int) -> Iterator[bool]:
    yield True


def passwords_are_not_counted() -> None:
    """Any number of wrong passwords may be tried."""
    from django.conf import settings

    settings.AXES_ENABLED = False


def no_inventory_lock() -> None:
    """Nobody waits for the ledger of devices, wherever the function was imported to."""
    from quarterday.inventory import lock

    lock.inventory_lock.__code__ = (lambda *, shared=False: None).__code__


def one_round_of_sessions() -> None:
    """A session is good for as long as its password is."""
    from django.utils.crypto import salted_hmac

    from quarterday.accounts.models import User

    def of_password(self: User, key: str | None) -> str:
        return salted_hmac("quarterday.session", self.password, secret=key, algorithm="sha256").hexdigest()

    User._session_hash = of_password  # type: ignore[method-assign]


EVERY_TABLE = """DO $$ DECLARE t record; BEGIN FOR t IN SELECT DISTINCT tablename FROM pg_policies
    WHERE policyname = 'scoped' LOOP EXECUTE format('{}', t.tablename); END LOOP; END $$"""
NO_TRIGGERS = """DO $$ DECLARE t record; BEGIN FOR t IN SELECT tgname, tgrelid::regclass AS of FROM pg_trigger
    WHERE NOT tgisinternal AND tgname ~ '{}' LOOP EXECUTE format('DROP TRIGGER %I ON %s', t.tgname, t.of);
    END LOOP; END $$"""

DEFENCES: dict[str, Defence] = {
    # Right money -----------------------------------------------------------------------------------------------------
    "one process bills a customer": Defence(
        off=instead("quarterday.bills.run:lock_customers", of=lambda ids, *, wait=True: list(ids)),
        own=(
            "tests/bills/test_once.py::test_a_customer_whom_somebody_bills_at_this_moment_is_billed_after_the_others",
        ),
        # What two processes without the lock do to each other is the race's: it has a run without the lock.
        behind=("tests/bills/test_once.py::test_the_database_refuses_a_second_claim_of_the_same_days",),
    ),
    "a period is claimed once": Defence(
        off="ALTER TABLE bills_periodclaim DROP CONSTRAINT a_period_is_claimed_once",
        own=("tests/bills/test_once.py::test_the_database_refuses_a_second_claim_of_the_same_days",),
        behind=(
            "tests/bills/test_once.py::test_a_customer_whom_somebody_bills_at_this_moment_is_billed_after_the_others",
            "tests/bills/test_run.py::test_running_again_changes_nothing",
            "tests/audit/test_planted.py::test_what_was_planted_is_found_and_named[a period is claimed twice]",
        ),
    ),
    "numbers are taken within the transaction": Defence(
        off=numbers_for_good,
        own=("tests/bills/test_numbering.py::test_a_run_that_is_thrown_back_at_any_point_leaves_no_gap",),
        behind=("tests/bills/test_tampering.py::test_what_a_superuser_forces_is_found_and_named",),
    ),
    "what was issued is frozen": Defence(
        off=NO_TRIGGERS.format("^bills_.*_is_(frozen|never_emptied)$"),
        own=("tests/bills/test_tampering.py::test_rows_that_are_written_once_refuse_their_owner",),
        behind=("tests/bills/test_tampering.py::test_what_a_superuser_forces_is_found_and_named",),
    ),
    "documents are chained": Defence(
        off=instead(
            "quarterday.bills.numbering:chain_hash",
            "quarterday.bills.queries.proving:chain_hash",
            of=lambda *_: b"\0" * 32,
        ),
        own=("tests/bills/test_tampering.py::test_what_a_superuser_forces_is_found_and_named",),
        behind=("tests/bills/test_tampering.py::test_rows_that_are_written_once_refuse_their_owner",),
    ),
    "a device is at one customer": Defence(
        off="ALTER TABLE inventory_presence DROP CONSTRAINT a_device_is_at_one_customer_at_a_time",
        own=("tests/inventory/test_corrections.py::test_the_database_refuses_a_device_at_two_customers_at_once",),
        behind=(
            "tests/inventory/test_corrections.py::test_days_at_another_customer_are_cut_out_and_given_to_it",
            "tests/audit/test_planted.py::test_what_was_planted_is_found_and_named[a device is at two customers]",
        ),
    ),
    "the ledger of devices is not overwritten": Defence(
        off=NO_TRIGGERS.format("^inventory_presence_is_kept$"),
        own=("tests/inventory/test_corrections.py::test_the_database_refuses_to_overwrite_the_ledger",),
        behind=("tests/inventory/test_corrections.py::test_a_correction_is_corrected_again",),
    ),
    "whoever bills waits for a sync": Defence(
        off=no_inventory_lock,
        own=(
            "tests/inventory/test_concurrency.py::test_who_bills_from_the_ledger_waits_for_a_sync_that_is_not_committed",
        ),
        behind=("tests/inventory/test_corrections.py::test_the_database_refuses_a_device_at_two_customers_at_once",),
    ),
    "one clerk changes an account": Defence(
        off=instead(
            *(f"quarterday.payments.actions.{module}:lock_accounts" for module in ("settling", "receiving", "bank")),
            of=lambda ids: None,
        ),
        own=(
            "tests/payments/test_at_once.py",
            "tests/payments/test_payments.py::test_eight_clerks_at_once_use_a_payment_once",
        ),
        behind=("tests/payments/test_payments.py::test_a_refund_above_what_was_paid_is_refused_with_what_is_left",),
    ),
    "a booking adds up to nothing": Defence(
        off=NO_TRIGGERS.format("^a_booking_adds_up_to_nothing$"),
        own=("tests/payments/test_ledger.py::test_the_database_refuses",),
        behind=("tests/audit/test_planted.py::test_what_was_planted_is_found_and_named[a posting is changed]",),
    ),
    "a bill has one late fee": Defence(
        off="ALTER TABLE payments_latefee DROP CONSTRAINT a_bill_has_one_late_fee",
        own=("tests/payments/test_late_fees.py::test_the_database_itself_refuses_a_second_fee_for_a_bill",),
        behind=("tests/payments/test_late_fees.py::test_two_workers_at_once_charge_each_bill_once",),
    ),
    "a bill out of bounds is held": Defence(
        off=instead("quarterday.bills.guards:_bounds", of=lambda case, group, content: iter(())),
        own=(
            "tests/flows/test_bounds.py::test_hundreds_of_times_the_devices_are_held_for_two_persons",
            "tests/flows/test_bounds.py::test_a_price_with_six_digits_too_many_is_held_and_one_person_alone_does_not_release_it",
        ),
        behind=("tests/bills/test_drafts.py::test_above_the_set_amount_two_persons_release_a_bill",),
    ),
    "a strange clock bills nobody": Defence(
        off=instead("quarterday.bills.clock:reason_to_wait", of=lambda at, *, quiet_days: ""),
        own=("tests/flows/test_bounds.py::test_a_clock_in_2099_bills_nothing_and_says_why",),
        behind=("tests/bills/test_run.py::test_more_than_two_missed_months_wait_until_somebody_confirms",),
    ),
    # Mail ------------------------------------------------------------------------------------------------------------
    "a sender is known alive by its lock": Defence(
        off=instead("quarterday.outbox.sending:_talking", of=_always_free),
        own=("tests/outbox/test_slow_senders.py",),
        behind=("tests/outbox/test_mail.py::test_a_sender_that_died_is_rescued_bills_again_and_reminders_as_unclear",),
    ),
    "a copy mails nobody": Defence(
        off=instead("quarterday.outbox.sending:restored_copy", "quarterday.worker.jobs:restored_copy", of=lambda: None),
        own=("tests/upkeep/test_backup.py::test_a_copy_sends_no_mail_and_reminds_nobody_until_told_so",),
        behind=("tests/outbox/test_mail.py::test_nothing_is_sent_before_a_test_mail_has_gone_out",),
    ),
    # Who sees what ---------------------------------------------------------------------------------------------------
    "a user has the scope of their customers": Defence(
        off=everybody_sees_all,
        own=("tests/isolation/test_canaries.py::test_no_page_file_log_or_error_names_another_customer[contact]",),
        behind=(
            "tests/isolation/test_policies.py::test_everybody_reads_their_own_rows_and_no_others[bills_bill]",
            "tests/isolation/test_matrix.py::test_the_answer_is_the_role_s[contact-add_customer]",
        ),
    ),
    "rows are read by their owners": Defence(
        off=EVERY_TABLE.format("CREATE POLICY too_wide ON %I FOR SELECT TO quarterday_scoped USING (true)"),
        own=(
            "tests/isolation/test_policies.py::test_everybody_reads_their_own_rows_and_no_others[bills_bill]",
            "tests/isolation/test_canaries.py::test_no_page_file_log_or_error_names_another_customer[contact]",
        ),
        behind=("tests/isolation/test_matrix.py::test_the_answer_is_the_role_s[contact-add_customer]",),
    ),
    "a role does what it may": Defence(
        off=everybody_may_all,
        own=("tests/isolation/test_matrix.py::test_the_answer_is_the_role_s[contact-add_customer]",),
        behind=("tests/isolation/test_canaries.py::test_no_page_file_log_or_error_names_another_customer[contact]",),
    ),
    "a row is its customer's": Defence(
        off="ALTER TABLE bills_billtax DROP CONSTRAINT bills_billtax_bill_id_same_customer",
        own=("tests/bills/test_tampering.py::test_a_row_of_another_customer_is_refused_under_a_bill",),
        behind=("tests/isolation/test_policies.py::test_everybody_reads_their_own_rows_and_no_others[bills_billtax]",),
    ),
    # The way in ------------------------------------------------------------------------------------------------------
    "a second factor is asked for": Defence(
        off=instead("quarterday.web.door:missing_step", of=lambda request: None),
        own=("tests/web/test_second_factor.py::test_a_password_alone_opens_no_page_for_whoever_sees_all_customers",),
        behind=("tests/web/test_sign_in.py::test_five_wrong_passwords_lock_for_a_quarter_of_an_hour",),
    ),
    "passwords are not guessed": Defence(
        off=passwords_are_not_counted,
        own=("tests/web/test_sign_in.py::test_five_wrong_passwords_lock_for_a_quarter_of_an_hour",),
        behind=("tests/web/test_second_factor.py::test_a_password_alone_opens_no_page_for_whoever_sees_all_customers",),
    ),
    "a session ends with its round": Defence(
        off=one_round_of_sessions,
        own=("tests/web/test_second_factor.py::test_a_closed_user_is_out_and_stays_out_when_let_in_again",),
        behind=("tests/web/test_door.py::test_a_disabled_user_is_out_at_the_next_request",),
    ),
    "a form shows where it comes from": Defence(
        off=without_middleware("django.middleware.csrf.CsrfViewMiddleware"),
        own=("tests/web/test_door.py::test_a_form_that_another_site_sends_changes_nothing",),
        behind=("tests/web/test_door.py::test_a_browser_sends_no_session_along_with_another_sites_form",),
    ),
    # Hostile input ---------------------------------------------------------------------------------------------------
    "pages run no foreign script": Defence(
        off=without_middleware("csp.middleware.CSPMiddleware"),
        own=("tests/web/test_door.py::test_every_response_forbids_foreign_and_inline_scripts",),
        behind=("tests/web/test_customers.py::test_a_hostile_name_stays_a_name",),
    ),
    "pages escape names": Defence(
        off=no_escaping,
        own=("tests/web/test_customers.py::test_a_hostile_name_stays_a_name",),
        behind=("tests/config/test_guard.py::test_every_response_carries_the_headers",),
    ),
    "no cell is a formula": Defence(
        off=instead("quarterday.bills.export:defused", "quarterday.upkeep.trail:defused", of=lambda value: value),
        own=(
            "tests/flows/test_hostile.py::test_no_payload_is_a_formula_in_any_cell_or_breaks_a_line_of_the_log",
            "tests/upkeep/test_trail.py::test_the_file_has_every_entry_and_no_formula",
        ),
        behind=("tests/customers/test_csvimport.py",),
    ),
    "a line has a largest size": Defence(
        off=instead(
            "quarterday.connectors.csvfile.layout:MAX_LINE_LENGTH",
            "quarterday.connectors.csvfile.reader:MAX_LINE_LENGTH",
            of=10**9,
        ),
        own=("tests/connectors/test_csvfile.py::test_a_line_beyond_all_likelihood_is_named_and_nothing_is_read",),
        behind=("tests/connectors/test_csvfile_fuzz.py::test_any_bytes_are_answered",),
    ),
    # The trail -------------------------------------------------------------------------------------------------------
    "the trail is only added to": Defence(
        off=NO_TRIGGERS.format("^(shared_auditentry|upkeep_seal)_is_"),
        own=("tests/upkeep/test_seals.py::test_nobody_else_can_tamper_at_all",),
        behind=("tests/upkeep/test_seals.py::test_a_superusers_tampering_breaks_a_seal",),
    ),
}
