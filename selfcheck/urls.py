"""Routes of selfcheck."""

from django.urls import path

from .views import filling, lists, problems, reports

app_name = "selfcheck"
urlpatterns = [
    path("", lists.index, name="index"),
    path("export/", lists.export, name="export"),
    path("chase/", lists.chase, name="chase"),
    path("<int:pk>/", reports.detail, name="detail"),
    path("<int:pk>/start/", reports.start, name="start"),
    path("<int:pk>/accept/", reports.accept, name="accept"),
    path("<int:pk>/send-back/", reports.send_back, name="send_back"),
    path("<int:pk>/exempt/", reports.exempt, name="exempt"),
    path("<int:pk>/revive/", reports.revive, name="revive"),
    path("<int:pk>/reopen/", reports.reopen, name="reopen"),
    path("<int:pk>/receipt/", reports.receipt, name="receipt"),
    path("<int:pk>/receipt/pdf/", reports.receipt_pdf, name="receipt_pdf"),
    path("<int:pk>/form/", filling.form, name="form"),
    path("<int:pk>/form/<int:standard>/", filling.form, name="form_standard"),
    path("<int:pk>/form/<int:standard>/copy/", filling.copy, name="copy"),
    path("<int:pk>/submit/", filling.submit, name="submit"),
    path("answers/<int:pk>/", filling.answer, name="answer"),
    path("answers/<int:pk>/mark/", reports.mark, name="mark"),
    path("<int:pk>/problems/new/", problems.create, name="problem_create"),
    path("problems/<int:pk>/", problems.edit, name="problem_edit"),
    path("problems/<int:pk>/corrected/", problems.corrected, name="problem_corrected"),
    path("problems/<int:pk>/remove/", problems.remove, name="problem_remove"),
    path("<int:pk>/files/", problems.upload, name="upload"),
    path("files/<int:pk>/", problems.file, name="file"),
    path("files/<int:pk>/remove/", problems.remove_file, name="file_remove"),
]
