"""Routes of the register."""

from django.urls import path

from .views import (
    capability,
    change_acts,
    changes,
    equipment,
    imports,
    merging,
    records,
    search,
    standards,
    traces,
    units,
    warnings,
)

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
    path("standards/<int:pk>/instruments/add/", equipment.add, name="instrument_add"),
    path("standards/instruments/<int:pk>/", equipment.detail, name="instrument"),
    path("standards/instruments/<int:pk>/edit/", equipment.edit, name="instrument_edit"),
    path("standards/instruments/<int:pk>/move/", equipment.move, name="instrument_move"),
    path("standards/instruments/<int:pk>/traces/add/", traces.add, name="trace_add"),
    path("standards/traces/<int:pk>/edit/", traces.edit, name="trace_edit"),
    path("standards/traces/<int:pk>/void/", traces.void, name="trace_void"),
    path("standards/traces/<int:pk>/restore/", traces.restore, name="trace_restore"),
    path("standards/traces/<int:pk>/scan/", traces.scan, name="trace_scan"),
    path("warnings/", warnings.index, name="warnings"),
    path("warnings/export/", warnings.export, name="warnings_export"),
    path("standards/<int:pk>/tests/add/", capability.add, name="test_add"),
    path("standards/tests/<int:pk>/", capability.detail, name="test"),
    path("standards/tests/<int:pk>/edit/", capability.edit, name="test_edit"),
    path("standards/tests/<int:pk>/void/", capability.void, name="test_void"),
    path("standards/tests/<int:pk>/restore/", capability.restore, name="test_restore"),
    path("standards/tests/<int:pk>/scan/", capability.scan, name="test_scan"),
    path(
        "standards/public-certificates/<int:pk>/scan/", records.scan, name="public_certificate_scan"
    ),
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

for _kind, _path in (
    ("person", "persons"),
    ("item", "items"),
    ("public_certificate", "public-certificates"),
):
    _which = {"kind": _kind}
    _one = f"standards/{_path}/<int:pk>/"
    urlpatterns += [
        path(f"standards/<int:pk>/{_path}/add/", records.add, _which, name=f"{_kind}_add"),
        path(f"{_one}edit/", records.edit, _which, name=f"{_kind}_edit"),
        path(f"{_one}void/", records.void, _which, name=f"{_kind}_void"),
        path(f"{_one}restore/", records.restore, _which, name=f"{_kind}_restore"),
    ]
