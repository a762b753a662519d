"""Routes of rectification."""

from django.urls import path

from .views import archives, findings, handling, lists, objections, orders

app_name = "rectification"
urlpatterns = [
    path("", lists.index, name="index"),
    path("export/", lists.export, name="export"),
    path("chase/", lists.chase, name="chase"),
    path("dispositions/", lists.dispositions, name="dispositions"),
    path("referrals/", lists.referrals, name="referrals"),
    path("archive/", archives.of_campaign, name="campaign_archive"),
    path("units/<int:pk>/archive/", archives.of_unit, name="unit_archive"),
    path("tasks/<int:pk>/archive/", archives.of_task, name="task_archive"),
    path("tasks/<int:pk>/issue/", orders.issue, name="issue"),
    path("orders/<int:pk>/", orders.order, name="order"),
    path("orders/<int:pk>/document/", orders.order_pdf, name="order_pdf"),
    path("orders/<int:pk>/confirmation/", orders.confirmation_pdf, name="confirmation_pdf"),
    path("orders/<int:pk>/papers/", orders.render_papers, name="render_papers"),
    path("orders/<int:pk>/serve/", orders.serve, name="serve"),
    path("orders/<int:pk>/receipt/", orders.receipt, name="receipt"),
    path("orders/<int:pk>/withdraw/", orders.withdraw, name="withdraw"),
    path("orders/<int:pk>/submit/", orders.submit, name="submit"),
    path("findings/<int:pk>/", findings.finding, name="finding"),
    path("findings/<int:pk>/save/", findings.save, name="save"),
    path("findings/<int:pk>/files/", findings.upload, name="upload"),
    path("findings/<int:pk>/dispute/", objections.dispute, name="dispute"),
    path("findings/<int:pk>/waive/", objections.waive, name="waive"),
    path("findings/<int:pk>/decide/", objections.decide, name="decide"),
    path("findings/<int:pk>/correct/", findings.correct, name="correct"),
    path("findings/<int:pk>/review/", findings.review, name="review"),
    path("findings/<int:pk>/ask/", findings.ask_extension, name="ask_extension"),
    path("findings/<int:pk>/extend/", findings.extend, name="extend"),
    path("findings/<int:pk>/propose/", handling.propose, name="propose"),
    path("tasks/<int:pk>/refer/", handling.refer_task, name="refer_task"),
    path("findings/<int:pk>/refer/", handling.refer, name="refer"),
    path("extensions/<int:pk>/refuse/", findings.refuse_extension, name="refuse_extension"),
    path("files/<int:pk>/", findings.file, name="file"),
    path("files/<int:pk>/withdraw/", findings.withdraw_file, name="withdraw_file"),
    path("dispositions/<int:pk>/", handling.disposition, name="disposition"),
    path("referrals/<int:pk>/", handling.referral, name="referral"),
]
