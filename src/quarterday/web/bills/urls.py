"""The addresses of Billing."""

from django.urls import path

from quarterday.web.bills import (
    accounting,
    bill,
    bridging,
    deciding,
    late,
    listing,
    money,
    papers,
    running,
    waiting,
    whatif,
)

urlpatterns = [
    path("billing/bills/", listing.bills, name="bills"),
    path("billing/bills/export.csv", listing.export, name="export_bills"),
    path("billing/bills/consolidated/", papers.consolidated, name="consolidated_bill"),
    path("billing/bills/waiting/", waiting.waiting, name="bills_waiting"),
    path("billing/bills/waiting/release/", deciding.release_many, name="release_bills"),
    path("billing/bills/waiting/parked/<int:pk>/", waiting.unpark, name="unpark_customer"),
    path("billing/bills/late/", late.late, name="late_truths"),
    path("billing/bills/waiting/late/<int:pk>/", late.decide, name="decide_late"),
    path("billing/conservation/", accounting.conservation, name="conservation"),
    path("billing/bills/run/", running.dry_run, name="generate_bills"),
    path("billing/bills/run/<int:pk>/", running.progress, name="billing_run"),
    path("billing/bills/charge/", money.add_charge, name="add_charge"),
    path("billing/bills/payment/", money.pay, name="record_payment"),
    path("billing/bills/<int:pk>/", bill.bill, name="bill"),
    path("billing/bills/<int:pk>/pdf/", papers.bill_pdf, name="bill_pdf"),
    path("billing/bills/<int:pk>/facts.json", bill.facts, name="bill_facts"),
    path("billing/bills/<int:pk>/bridge/", bridging.bridge, name="bill_bridge"),
    path("billing/bills/<int:pk>/proof/", bill.proof, name="bill_proof"),
    path("billing/bills/<int:pk>/release/", deciding.release, name="release_bill"),
    path("billing/bills/<int:pk>/recount/", deciding.recount, name="recount_bill"),
    path("billing/bills/<int:pk>/discard/", deciding.discard, name="discard_bill"),
    path("billing/bills/<int:pk>/charge/", deciding.charge, name="charge_draft"),
    path("billing/bills/<int:pk>/credit/", deciding.credit, name="credit_bill"),
    path("billing/bills/<int:pk>/resend/", deciding.resend, name="resend_bill"),
    path("billing/bills/<int:pk>/payment/", money.pay_bill, name="pay_bill"),
    path("billing/subscriptions/<int:pk>/waive/", waiting.waive, name="waive_missed"),
    path("billing/customers/<int:pk>/recount/", whatif.recounted, name="recount_past"),
    path("billing/plans/<int:pk>/replay/", whatif.replayed, name="replay_plan"),
    path("billing/customers/<int:pk>/statement.pdf", papers.statement, name="statement_pdf"),
]
