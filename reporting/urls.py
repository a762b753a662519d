"""Routes of reporting."""

from django.urls import path

from .views import city, cockpit, editions, narrative, reports, tables, templates

app_name = "reporting"
urlpatterns = [
    path("cockpit/", cockpit.cockpit, name="cockpit"),
    path("cockpit/table/<slug:name>/", cockpit.table, name="cockpit_table"),
    path("cockpit/earlier/", cockpit.earlier, name="cockpit_earlier"),
    path("annex3/", tables.annex3, name="annex3"),
    path("annex3/xlsx/", tables.annex3_xlsx, name="annex3_xlsx"),
    path("annex3/pdf/", tables.annex3_pdf, name="annex3_pdf"),
    path("annex3/records/", tables.record_list, name="records"),
    path("annex3/records/xlsx/", tables.records_xlsx, name="records_xlsx"),
    path("hand-in/", city.reports, name="reports"),
    path("hand-in/city/", city.consolidated, name="consolidated"),
    path("hand-in/city/xlsx/", city.consolidated_xlsx, name="consolidated_xlsx"),
    path("hand-in/city/pdf/", city.consolidated_pdf, name="consolidated_pdf"),
    path("hand-in/city/cell/", city.consolidated_cell, name="consolidated_cell"),
    path("hand-in/remind/", city.remind_all, name="remind_all"),
    path("hand-in/<int:pk>/", reports.report, name="report"),
    path("hand-in/<int:pk>/compute/", reports.compute, name="report_compute"),
    path("hand-in/<int:pk>/explain/", reports.explain, name="report_explain"),
    path("hand-in/<int:pk>/enter/", reports.enter, name="report_enter"),
    path("hand-in/<int:pk>/take-table/", reports.take_table, name="report_take_table"),
    path("hand-in/<int:pk>/take-out/", reports.take_out, name="report_take_out"),
    path("hand-in/<int:pk>/check/", reports.check, name="report_check"),
    path("hand-in/<int:pk>/revise/", reports.revise, name="report_revise"),
    path("hand-in/<int:pk>/sign/", reports.sign, name="report_sign"),
    path("hand-in/<int:pk>/unsign/", reports.unsign, name="report_unsign"),
    path("hand-in/<int:pk>/submit/", reports.submit, name="report_submit"),
    path("hand-in/<int:pk>/send-back/", reports.send_back, name="report_send_back"),
    path("hand-in/<int:pk>/resume/", reports.resume, name="report_resume"),
    path("hand-in/<int:pk>/accept/", reports.accept, name="report_accept"),
    path("hand-in/<int:pk>/correct/", reports.correct, name="report_correct"),
    path("hand-in/<int:pk>/lock/", reports.lock, name="report_lock"),
    path(
        "hand-in/<int:pk>/allow-correction/",
        reports.allow_correction,
        name="report_allow_correction",
    ),
    path("hand-in/<int:pk>/remind/", reports.remind, name="report_remind"),
    path("hand-in/template/", templates.template, name="template"),
    path("hand-in/template/retire/", templates.retire, name="template_retire"),
    path("hand-in/template/<int:pk>/file/", templates.template_file, name="template_file"),
    path("hand-in/<int:pk>/narrative/", narrative.narrative, name="narrative"),
    path("hand-in/<int:pk>/typical-cases/", narrative.cases, name="narrative_cases"),
    path("hand-in/<int:pk>/narrative/<str:chapter>/", narrative.save_chapter, name="save_chapter"),
    path("hand-in/cases/<int:pk>/", narrative.save_case, name="save_case"),
    path("hand-in/cases/<int:pk>/remove/", narrative.remove_case, name="remove_case"),
    path("hand-in/editions/<int:pk>/", editions.edition, name="edition"),
    path("hand-in/editions/<int:pk>/xlsx/", editions.edition_xlsx, name="edition_xlsx"),
    path("hand-in/editions/<int:pk>/pdf/", editions.edition_pdf, name="edition_pdf"),
    path(
        "hand-in/editions/<int:pk>/narrative/", editions.edition_narrative, name="edition_narrative"
    ),
    path(
        "hand-in/editions/<int:pk>/narrative/pdf/",
        editions.edition_report_pdf,
        name="edition_report_pdf",
    ),
    path(
        "hand-in/editions/<int:pk>/narrative/docx/",
        editions.edition_report_docx,
        name="edition_report_docx",
    ),
    path(
        "hand-in/editions/<int:pk>/narrative/own/",
        editions.edition_report_own,
        name="edition_report_own",
    ),
    path(
        "hand-in/editions/<int:pk>/differences/",
        editions.edition_differences,
        name="edition_differences",
    ),
    path(
        "hand-in/editions/<int:pk>/difference/",
        editions.edition_difference,
        name="edition_difference",
    ),
]
