"""The trail as a whole, for auditors."""

from django.urls import path

from . import views

app_name = "trail"
urlpatterns = [
    path("", views.index, name="index"),
    path("blocks/", views.blocks, name="blocks"),
    path("check/", views.check, name="check"),
    path("export/", views.export, name="export"),
    path("unusual/", views.unusual_access, name="unusual"),
]
