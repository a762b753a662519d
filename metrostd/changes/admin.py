"""Applications on the support desk: to look at and to export."""

from django.contrib import admin

from metrostd.common.admin import ExportAdmin, LookUpInline
from metrostd.registry.models import ChangeLine, ChangeRecord

from .resources import ChangeResource


class ChangeLineInline(LookUpInline):
    model = ChangeLine
    fields = ("side", "role", "name", "model", "serial_no", "trace_org", "trace_cert_no")


@admin.register(ChangeRecord)
class ChangeAdmin(ExportAdmin):
    """Export only: an application is written by its unit and decided by an office."""

    resource_classes = (ChangeResource,)
    list_display = ("number", "kind", "standard", "state", "submitted_at", "decided_on")
    list_select_related = ("standard",)
    list_filter = ("state", "kind")
    search_fields = ("number", "standard__name", "standard__unit__name")
    inlines = (ChangeLineInline,)

    def get_export_queryset(self, request):
        return (
            super()
            .get_export_queryset(request)
            .select_related("standard__unit", "standard__hosting_authority", "certificate")
        )
