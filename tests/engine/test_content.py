"""What a bill's digest is taken of: every word and number of it, spelled in one way for ever.

Issued documents carry this digest, so a change of the spelling would call each of them forged.
"""

import json
from decimal import Decimal

from quarterday.engine.calculate import calculate_bill
from quarterday.engine.facts import AdjustmentFacts, TaxComponent, TaxTreatment
from tests.engine.draw import draw
from tests.engine.facts_of import APRIL, facts_of, rule, unit

D = Decimal
QUEBEC = TaxTreatment("S", D("14.975"), "agreed", (TaxComponent("GST", D(5)), TaxComponent("QST", D("9.975"))), "std")


def test_the_content_of_a_bill_has_all_that_is_on_it() -> None:
    bill = calculate_bill(
        facts_of(
            draw("PC-1 #>", start=APRIL.start),
            prices={"computer": unit("30.00", tax_code="std")},
            adjustments=(AdjustmentFacts("d", "Discount", APRIL.start, amount=D("-10.00"), tax_code="std"),),
            tax_rules=(rule("std", QUEBEC),),
        )
    )

    usage = {
        "kind": "usage",
        "text": "computer",
        "quantity": "1",
        "unit": "device",
        "unit_price": "30",
        "per": 1,
        "fraction": "1",
        "net": "30",
        "tax": ["std", "S", "14.975", "agreed"],
        "corrects": [],
        "subscription": "gold",
        "class": "computer",
        "days": ["2026-04-01", "2026-05-01"],
        "service_period": ["2026-04-01", "2026-05-01", "2026-04-01", "2026-05-01"],
        "devices": [["PC-1", 30]],
        "adjustment": None,
        "occurrence": None,
    }
    discount = {
        "kind": "adjustment",
        "text": "Discount",
        "quantity": "1",
        "unit": None,
        "unit_price": None,
        "per": 1,
        "fraction": "1",
        "net": "-10",
        "tax": ["std", "S", "14.975", "agreed"],
        "corrects": [],
        "subscription": None,
        "class": None,
        "days": None,
        "service_period": None,
        "devices": None,
        "adjustment": "d",
        "occurrence": 1,
    }
    taxed = {
        "category": "S",
        "rate": "14.975",
        "base": "20",
        "amount": "3",
        "reason": "agreed",
        "components": [["GST", "5", "1"], ["QST", "9.975", "2"]],
    }
    assert json.loads(bill.content) == {
        "customer": "north-dental",
        "currency": "EUR",
        "billing_on": "2026-05-01",
        "due_days": 14,
        "outcome": "billed",
        "type": "invoice",
        "lines": [usage, discount],
        "tax": [taxed],
        "net": "20",
        "total": "23",
        "adjustments": [["d", 1, "0"]],
        "corrects": [],
    }
