"""Applications as a table. Export only: states move by transitions, and a decision has its consequences."""

from import_export import fields

from metrostd.registry.models import ChangeRecord
from metrostd.registry.resources.base import RegisterResource, in_chinese
from metrostd.registry.resources.organisation import UNIT_CODE, UNIT_NAME
from metrostd.registry.resources.standard import STANDARD_NAME


@in_chinese
class ChangeResource(RegisterResource):
    """One row an application, in the words of the form."""

    unit_uscc = fields.Field("standard__unit__uscc", UNIT_CODE, readonly=True)
    unit_name = fields.Field("standard__unit__name", UNIT_NAME, readonly=True)
    standard = fields.Field("standard__name", STANDARD_NAME, readonly=True)
    certificate = fields.Field("certificate__number", "考核证书号", readonly=True)
    hosting_authority = fields.Field("standard__hosting_authority", "主持考核部门", readonly=True)
    situations = fields.Field("situation_words", "情况", readonly=True)
    causes = fields.Field("cause_words", "更换原因", readonly=True)

    class Meta(RegisterResource.Meta):
        model = ChangeRecord
        import_id_fields = ("number",)
        fields = (
            "number",
            "kind",
            "unit_uscc",
            "unit_name",
            "standard",
            "certificate",
            "hosting_authority",
            "situations",
            "situation_note",
            "causes",
            "reason",
            "effect",
            "stop_from",
            "stop_until",
            "reexamined_on",
            "unit_opinion",
            "department_opinion",
            "authority_opinion",
            "decided_on",
            "new_issue_date",
            "new_valid_until",
            "certificate_returned_on",
            "submitted_at",
            "state",
        )
