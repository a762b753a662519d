"""Routes of complaints at the desks of those who handle them."""

from django.urls import path

from .views import acts, desk, matters

app_name = "complaints"
urlpatterns = [
    path("", matters.index, name="index"),
    path("export/", matters.export, name="export"),
    path("new/", matters.create, name="create"),
    path("<int:pk>/", matters.detail, name="detail"),
    path("<int:pk>/accept/", acts.accept, name="accept"),
    path("<int:pk>/decline/", acts.decline, name="decline"),
    path("<int:pk>/extend/", acts.extend, name="extend"),
    path("<int:pk>/tell/", acts.tell, name="tell"),
    path("<int:pk>/pass-on/", acts.pass_on, name="pass_on"),
    path("<int:pk>/start/", acts.start, name="start"),
    path("<int:pk>/verify/", acts.verify, name="verify"),
    path("<int:pk>/refer/", acts.refer, name="refer"),
    path("<int:pk>/direct/", acts.direct, name="direct"),
    path("<int:pk>/answer/", acts.answer, name="answer"),
    path("<int:pk>/close/", acts.close, name="close"),
    path("<int:pk>/reopen/", acts.reopen, name="reopen"),
    path("<int:pk>/forget/", acts.forget, name="forget"),
    path("<int:pk>/identity/", acts.identity, name="identity"),
    path("files/<int:pk>/", matters.file, name="file"),
    path("desks/", desk.index, name="desks"),
    path("desks/<int:authority_pk>/", desk.edit, name="desk"),
]
