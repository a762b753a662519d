"""The library of legal bases as a table."""

from metrostd.registry.models import LegalBasis

from .base import RegisterResource, in_chinese


@in_chinese
class LegalBasisResource(RegisterResource):
    class Meta(RegisterResource.Meta):
        model = LegalBasis
        import_id_fields = ("code", "starts_on")
        fields = ("code", "law", "formal_name", "article", "title", "starts_on", "ends_on")
