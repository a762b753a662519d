"""Routes of inspections."""

from django.urls import path

from .views import lists, not_performed, records, sheets, signing, stop_orders, tasks

app_name = "inspections"
urlpatterns = [
    path("", lists.index, name="index"),
    path("export/", lists.export, name="export"),
    path("<int:pk>/", tasks.task, name="task"),
    path("<int:pk>/assign/", tasks.assign, name="assign"),
    path("<int:pk>/notify/", tasks.notify, name="notify"),
    path("<int:pk>/start/", tasks.start, name="start"),
    path("<int:pk>/review/", tasks.review, name="review"),
    path("<int:pk>/reopen/", tasks.reopen, name="reopen"),
    path("<int:pk>/close/", tasks.close, name="close"),
    path("<int:pk>/not-performed/", not_performed.not_performed, name="not_performed"),
    path("<int:pk>/follow-up/", not_performed.follow_up, name="follow_up"),
    path("<int:pk>/refuse/", not_performed.refuse, name="refuse"),
    path(
        "<int:pk>/close-not-performed/",
        not_performed.close_not_performed,
        name="close_not_performed",
    ),
    path("<int:pk>/signing/", signing.signing, name="signing"),
    path("<int:pk>/to-signing/", signing.to_signing, name="to_signing"),
    path("<int:pk>/resume/", signing.resume, name="resume"),
    path("<int:pk>/sign/", signing.sign, name="sign"),
    path("<int:pk>/conclude/", signing.conclude, name="conclude"),
    path("<int:pk>/refusal/", records.refusal_evidence, name="refusal_evidence"),
    path("<int:pk>/record/", records.record, name="record"),
    path("<int:pk>/record/draft/", records.record_draft, name="record_draft"),
    path("<int:pk>/record/render/", records.render_record, name="render_record"),
    path("<int:pk>/record/<int:number>/", records.filed_record, name="filed_record"),
    path("<int:pk>/stop/", stop_orders.propose_stop, name="propose_stop"),
    path("stops/<int:pk>/paper/", stop_orders.stop_paper, name="stop_paper"),
    path("stops/<int:pk>/approve/", stop_orders.approve_stop, name="approve_stop"),
    path("stops/<int:pk>/reject/", stop_orders.reject_stop, name="reject_stop"),
    path("stops/<int:pk>/serve/", stop_orders.serve_stop, name="serve_stop"),
    path("stops/<int:pk>/receipt/", stop_orders.stop_receipt, name="stop_receipt"),
    path("stops/<int:pk>/withdraw/", stop_orders.withdraw_stop, name="withdraw_stop"),
    path("stops/<int:pk>/accept/", stop_orders.accept_standard, name="accept_standard"),
    path("stops/<int:pk>/lift/", stop_orders.lift_stop, name="lift_stop"),
    path("sheets/<int:pk>/", sheets.sheet, name="sheet"),
    path("sheets/<int:pk>/peers/", sheets.peers, name="peers"),
    path("sheets/<int:pk>/conclude/", sheets.conclude_sheet, name="conclude_sheet"),
    path("answers/<int:pk>/", sheets.answer, name="answer"),
    path("answers/<int:pk>/evidence/", sheets.upload, name="upload"),
    path("evidence/<int:pk>/", sheets.evidence, name="evidence"),
    path("evidence/<int:pk>/withdraw/", sheets.withdraw_evidence, name="withdraw_evidence"),
    path("signatures/<int:pk>/", records.signature, name="signature"),
]
