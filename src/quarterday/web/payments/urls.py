"""The addresses of the pages about money."""

from django.urls import path

from quarterday.web.payments import bank, giving_back, late_fees, pausing, proposing, reports, writing_off

urlpatterns = [
    path("billing/payments/", reports.ageing, name="ageing"),
    path("billing/payments/ageing.csv", reports.export_ageing, name="export_ageing"),
    path("billing/payments/bank/", bank.bank, name="bank"),
    path("billing/payments/bank/confirm/", bank.confirm_sure, name="confirm_sure_bank_lines"),
    path("billing/payments/bank/<int:pk>/", bank.decide, name="bank_line"),
    path("billing/payments/bank/<int:pk>/confirm/", bank.confirm, name="confirm_bank_line"),
    path("billing/payments/late-fees/", late_fees.late_fees, name="late_fees"),
    path("billing/payments/late-fees/<int:pk>/", late_fees.let_go, name="let_late_fee_go"),
    path("billing/payments/ledger/", reports.ledger, name="ledger"),
    path("billing/payments/ledger.csv", reports.export_ledger, name="export_ledger"),
    path("billing/payments/proposals/", proposing.proposals, name="proposals"),
    path("billing/payments/proposals/<int:pk>/", proposing.proposal, name="proposal"),
    path("billing/payments/received/", giving_back.payments, name="payments"),
    path("billing/payments/<int:pk>/refund/", giving_back.give_back, name="refund_payment"),
    path("billing/payments/<int:pk>/withdraw/", giving_back.withdraw, name="withdraw_payment"),
    path("billing/payments/write-offs/", writing_off.write_offs, name="write_offs"),
    path("billing/bills/<int:pk>/pause/", pausing.pause, name="pause_reminders"),
    path("billing/bills/<int:pk>/write-off/", writing_off.give_up, name="write_off_bill"),
    path("billing/payments/write-offs/<int:pk>/", writing_off.take_back, name="undo_write_off"),
]
