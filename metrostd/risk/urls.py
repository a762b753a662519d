"""Routes of risk."""

from django.urls import path

from .views import analysis, counting, procedures, tables, warnings

app_name = "risk"
urlpatterns = [
    path("", analysis.index, name="index"),
    path("parts/", analysis.parts, name="parts"),
    path("trend/", analysis.trend, name="trend"),
    path("targeted/", analysis.targeted_list, name="targeted"),
    path("targeted/export/", analysis.export, name="export"),
    path("next-year/", analysis.next_year, name="next_year"),
    path("count/", counting.count, name="count"),
    path("units/<int:pk>/", analysis.unit, name="unit"),
    path("units/<int:pk>/direct/", analysis.direct, name="direct"),
    path("warnings/", warnings.index, name="warnings"),
    path("warnings/export/", warnings.export, name="warnings_export"),
    path("warnings/<int:pk>/", warnings.detail, name="warning"),
    path("warnings/<int:pk>/assign/", warnings.assign, name="assign"),
    path("warnings/<int:pk>/handle/", warnings.handle, name="handle"),
    path("warnings/<int:pk>/send-back/", warnings.send_back, name="send_back"),
    path("warnings/<int:pk>/close/", warnings.close, name="close"),
    path("procedures/", procedures.index, name="procedures"),
    path("procedures/<int:pk>/file/", procedures.file, name="procedure_file"),
    path("table/", tables.table, name="table"),
    path("table/revise/", tables.revise, name="revise"),
]
