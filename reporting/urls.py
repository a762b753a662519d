"""Routes of reporting."""

from django.urls import path

from . import views

app_name = "reporting"
urlpatterns = [
    path("annex3/", views.annex3, name="annex3"),
    path("annex3/xlsx/", views.annex3_xlsx, name="annex3_xlsx"),
    path("annex3/pdf/", views.annex3_pdf, name="annex3_pdf"),
    path("annex3/records/", views.record_list, name="records"),
    path("annex3/records/xlsx/", views.records_xlsx, name="records_xlsx"),
]
