"""Routes of the register."""

from django.urls import path

from .views import change_acts, changes, imports, merging, search, standards, units

app_name = "registry"
urlpatterns = [
    path("units/", units.index, name="units"),
    path("units/export/", units.export, name="units_export"),
    path("units/<int:pk>/", units.detail, name="unit"),
    path("units/<int:pk>/edit/", units.edit, name="unit_edit"),
    path("units/duplicates/", merging.duplicates, name="duplicates"),
    path("units/<int:pk>/merge/", merging.choose, name="merge_choose"),
    path("units/<int:pk>/merge/<int:other>/", merging.merge, name="merge"),
    path("merges/<int:pk>/undo/", merging.undo, name="merge_undo"),
    path("standards/", standards.index, name="standards"),
    path("standards/export/", standards.export, name="standards_export"),
    path("standards/<int:pk>/", standards.detail, name="standard"),
    path("standards/<int:pk>/edit/", standards.edit, name="standard_edit"),
    path("standards/<int:pk>/changes/new/", changes.create, name="standard_change"),
    path("changes/", changes.index, name="changes"),
    path("changes/export/", changes.export, name="changes_export"),
    path("changes/<int:pk>/", changes.detail, name="change"),
    path("changes/<int:pk>/edit/", changes.edit, name="change_edit"),
    path("changes/<int:pk>/submit/", change_acts.submit, name="change_submit"),
    path("changes/<int:pk>/take-back/", change_acts.take_back, name="change_take_back"),
    path("changes/<int:pk>/decide/", change_acts.decide, name="change_decide"),
    path("changes/<int:pk>/attach/", change_acts.attach, name="change_attach"),
    path("changes/<int:pk>/paper/", change_acts.paper, name="change_paper"),
    path("changes/files/<int:pk>/", change_acts.file, name="change_file"),
    path("changes/files/<int:pk>/remove/", change_acts.detach, name="change_file_remove"),
    path("search/", search.search, name="search"),
    path("imports/", imports.index, name="imports"),
    path("imports/upload/", imports.upload, name="import_upload"),
    path("imports/template/", imports.template, name="import_template"),
    path("imports/<int:pk>/", imports.detail, name="import_detail"),
    path("imports/<int:pk>/file/", imports.original, name="import_file"),
    path("imports/<int:pk>/reread/", imports.reread, name="import_reread"),
    path("imports/<int:pk>/commit/", imports.commit, name="import_commit"),
    path("imports/<int:pk>/discard/", imports.discard, name="import_discard"),
    path("imports/<int:pk>/undo/", imports.undo, name="import_undo"),
]
