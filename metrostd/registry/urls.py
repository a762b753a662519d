"""Routes of the register."""

from django.urls import path

from .views import (
    bulk,
    capability,
    certificates,
    equipment,
    merging,
    records,
    registering,
    search,
    standards,
    traces,
    trail,
    units,
    warnings,
)

app_name = "registry"
urlpatterns = [
    path("units/", units.index, name="units"),
    path("units/export/", units.export, name="units_export"),
    path("units/<int:pk>/", units.detail, name="unit"),
    path("units/<int:pk>/edit/", units.edit, name="unit_edit"),
    path("units/bulk/", bulk.choose, {"kind": "unit"}, name="units_bulk"),
    path("standards/bulk/", bulk.choose, {"kind": "standard"}, name="standards_bulk"),
    path("bulk-edits/<int:pk>/", bulk.detail, name="bulk_edit"),
    path("bulk-edits/<int:pk>/undo/", bulk.undo, name="bulk_undo"),
    path("trail/", trail.index, name="trail"),
    path("trail/export/", trail.export, name="trail_export"),
    path("units/duplicates/", merging.duplicates, name="duplicates"),
    path("units/<int:pk>/merge/", merging.choose, name="merge_choose"),
    path("units/<int:pk>/merge/<int:other>/", merging.merge, name="merge"),
    path("merges/<int:pk>/undo/", merging.undo, name="merge_undo"),
    path("standards/", standards.index, name="standards"),
    path("standards/export/", standards.export, name="standards_export"),
    path("standards/<int:pk>/", standards.detail, name="standard"),
    path("standards/<int:pk>/edit/", standards.edit, name="standard_edit"),
    path("standards/<int:pk>/scope/", standards.scope, name="standard_scope"),
    *(
        path(
            f"standards/<int:pk>/{what}/",
            certificates.act,
            {"what": what},
            name=f"standard_{what}",
        )
        for what in certificates.ACTS
    ),
    path("units/new/", registering.unit, name="unit_new"),
    path("units/<int:pk>/standards/new/", registering.standard, name="unit_standard"),
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
