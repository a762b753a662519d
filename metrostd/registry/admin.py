"""Support desk of the register, with plain import and export of its tables."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from metrostd.common.admin import LookUpInline, LookUpTableAdmin, TableAdmin
from metrostd.common.templatetags.formats import cn_date

from .extension import unit_moved, units_moved
from .models import (
    Authority,
    CapabilityTest,
    FormerName,
    LegalBasis,
    MeasurementStandard,
    ProfessionalField,
    PublicStandardCertificate,
    StandardCertificate,
    StandardDomain,
    StandardInstrument,
    StandardItem,
    StandardPerson,
    TraceRecord,
    Unit,
)
from .past_domains import keep_earlier
from .resources import (
    AuthorityResource,
    CertificateResource,
    DomainResource,
    FormerNameResource,
    InstrumentResource,
    ItemResource,
    LegalBasisResource,
    PersonResource,
    ProfessionalFieldResource,
    PublicCertificateResource,
    StandardResource,
    TestResource,
    TraceResource,
    UnitResource,
)

KEPT = "施行日期以后办理的文书引用新的条款；已经制作的文书、已经写下的依据不变。"


@admin.register(Authority)
class AuthorityAdmin(TableAdmin):
    resource_classes = (AuthorityResource,)
    list_display = ("code", "short_name", "region_name", "level", "parent", "approval_split")
    list_select_related = ("parent",)
    list_filter = ("level", "approval_split")
    search_fields = ("code", "name", "short_name")
    autocomplete_fields = ("parent",)


@admin.register(ProfessionalField)
class ProfessionalFieldAdmin(TableAdmin):
    resource_classes = (ProfessionalFieldResource,)
    list_display = ("code", "name", "is_special_industry")
    search_fields = ("code", "name")


@admin.register(LegalBasis)
class LegalBasisAdmin(TableAdmin):
    """A change of law is a further row with its day of effect; papers made before keep what they say."""

    resource_classes = (LegalBasisResource,)
    list_display = ("code", "law", "article", "title", "starts_on", "ends_on", "replaced_by")
    list_filter = ("law",)
    search_fields = ("code", "law", "article", "title")

    def get_queryset(self, request):
        return super().get_queryset(request).with_end()

    @admin.display(description="代替的条款")
    def replaced_by(self, row):
        named = f"《{row.next_law}》{row.next_article}（{cn_date(row.next_on)}起）"
        return named if row.next_on else ""

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        messages.info(request, KEPT)

    def after_import(self, request, rows):
        messages.info(request, KEPT)


class FormerNameInline(LookUpInline):
    model = FormerName
    fields = ("name",)


@admin.register(Unit)
class UnitAdmin(TableAdmin):
    resource_classes = (UnitResource,)
    list_display = ("name", "uscc", "unit_type", "territorial_authority", "operating_status")
    list_select_related = ("territorial_authority",)
    list_filter = ("unit_type", "operating_status", "territorial_authority")
    search_fields = ("name", "uscc", "pinyin", "former_names__name")
    autocomplete_fields = ("territorial_authority",)
    readonly_fields = ("name", "name_key", "pinyin", "version", "created_at")
    inlines = (FormerNameInline,)

    def has_add_permission(self, request):
        return False

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if "territorial_authority" in form.changed_data:
            for words in unit_moved(obj, actor=request.user):
                messages.success(request, words)

    def after_import(self, request, rows):
        units_moved(rows, actor=request.user)


class CertificateInline(LookUpInline):
    model = StandardCertificate
    fields = ("number", "issue_date", "valid_until", "is_current", "state")


@admin.register(MeasurementStandard)
class StandardAdmin(TableAdmin):
    resource_classes = (StandardResource,)
    list_display = ("name", "unit", "category", "field", "issuing_authority", "in_scope")
    list_select_related = ("unit", "field", "issuing_authority")
    list_filter = ("category", "field", "in_scope", "regime")
    search_fields = ("name", "unit__name", "jjf1022_code")
    autocomplete_fields = ("unit", "field", "hosting_authority", "issuing_authority")
    readonly_fields = ("version", "created_at")
    inlines = (CertificateInline,)


@admin.register(StandardCertificate)
class CertificateAdmin(TableAdmin):
    resource_classes = (CertificateResource,)
    list_display = ("number", "standard", "issue_date", "valid_until", "is_current", "state")
    list_select_related = ("standard",)
    list_filter = ("state", "is_current", "issue_kind")
    search_fields = ("number", "standard__name", "standard__unit__name")
    autocomplete_fields = ("standard",)
    readonly_fields = (
        "number",
        "number_raw",
        "identity",
        "first_year",
        "state",
        "state_since",
        "is_current",
        "scan",
        "created_at",
    )

    def has_add_permission(self, request):
        return False


@admin.register(StandardInstrument)
class InstrumentAdmin(LookUpTableAdmin):
    resource_classes = (InstrumentResource,)
    list_display = ("name", "model", "serial_no", "role", "standard", "state")
    list_select_related = ("standard",)
    list_filter = ("role", "state")
    search_fields = ("name", "serial_no", "standard__name", "standard__unit__name")


@admin.register(TraceRecord)
class TraceAdmin(LookUpTableAdmin):
    resource_classes = (TraceResource,)
    list_display = ("cert_no", "instrument", "kind", "org", "traced_on", "valid_until", "state")
    list_select_related = ("instrument",)
    list_filter = ("kind", "result", "state")
    search_fields = ("cert_no", "org", "instrument__name", "instrument__serial_no")


@admin.register(CapabilityTest)
class CapabilityTestAdmin(LookUpTableAdmin):
    resource_classes = (TestResource,)
    list_display = ("subject", "standard", "kind", "tested_on", "outcome", "state")
    list_select_related = ("standard",)
    list_filter = ("kind", "outcome", "state")
    search_fields = ("subject", "standard__name", "standard__unit__name")


@admin.register(StandardPerson)
class PersonAdmin(LookUpTableAdmin):
    resource_classes = (PersonResource,)
    list_display = ("name", "standard", "qualification_kind", "cert_no", "valid_until", "state")
    list_select_related = ("standard",)
    list_filter = ("qualification_kind", "state")
    search_fields = ("name", "cert_no", "standard__name", "standard__unit__name")


@admin.register(StandardItem)
class ItemAdmin(LookUpTableAdmin):
    resource_classes = (ItemResource,)
    list_display = ("name", "standard", "basis", "until", "state")
    list_select_related = ("standard",)
    list_filter = ("state",)
    search_fields = ("name", "basis", "standard__name", "standard__unit__name")


@admin.register(PublicStandardCertificate)
class PublicCertificateAdmin(LookUpTableAdmin):
    resource_classes = (PublicCertificateResource,)
    list_display = ("number", "standard", "issuer", "issue_date", "valid_until", "state")
    list_select_related = ("standard",)
    list_filter = ("state",)
    search_fields = ("number", "issuer", "standard__name", "standard__unit__name")


@admin.register(FormerName)
class FormerNameAdmin(LookUpTableAdmin):
    resource_classes = (FormerNameResource,)
    list_display = ("name", "unit")
    list_select_related = ("unit",)
    search_fields = ("name", "unit__name")


@admin.register(StandardDomain)
class DomainAdmin(LookUpTableAdmin):
    resource_classes = (DomainResource,)
    list_display = ("standard", "domain")
    list_select_related = ("standard",)
    list_filter = ("domain",)
    search_fields = ("standard__name", "standard__unit__name")

    def after_import(self, request: HttpRequest, rows: QuerySet) -> None:
        """Rows only come in: until now none of these standards was of the domain."""
        for domain, standard in rows.values_list("domain", "standard"):
            keep_earlier([standard], domain, was=False)
