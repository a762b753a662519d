"""Persons, items and public certificates of a standard."""

from metrostd.registry.models import PublicStandardCertificate, StandardItem, StandardPerson

from .base import in_chinese
from .records import END, STANDARD, StandardRecordResource


@in_chinese
class PersonResource(StandardRecordResource):
    """The key is the standard with name, kind and number of the proof."""

    key = ("name", "qualification_kind", "cert_no")

    class Meta(StandardRecordResource.Meta):
        model = StandardPerson
        import_id_fields = ("name",)
        fields = (
            *STANDARD,
            "name",
            "qualification_kind",
            "cert_no",
            "project",
            "valid_until",
            "since",
            "until",
            *END,
        )


@in_chinese
class ItemResource(StandardRecordResource):
    """The key is the standard with the name of the item, its range and its regulation."""

    key = ("name", "measuring_range", "basis")

    class Meta(StandardRecordResource.Meta):
        model = StandardItem
        import_id_fields = ("name",)
        fields = (*STANDARD, "name", "measuring_range", "performance", "basis", "until", *END)


@in_chinese
class PublicCertificateResource(StandardRecordResource):
    """The key is the standard with number and date of the certificate."""

    key = ("number", "issue_date")

    class Meta(StandardRecordResource.Meta):
        model = PublicStandardCertificate
        import_id_fields = ("number",)
        fields = (
            *STANDARD,
            "number",
            "issuer",
            "issue_date",
            "valid_until",
            "valid_region",
            "authorisation_no",
            *END,
        )
