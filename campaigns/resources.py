"""The work calendar as a table: what the General Office of the State Council arranges each autumn."""

from metrostd.common.models import CalendarYear, SpecialDay
from metrostd.registry.resources.base import RegisterResource, in_chinese


@in_chinese
class CalendarYearResource(RegisterResource):
    class Meta(RegisterResource.Meta):
        model = CalendarYear
        import_id_fields = ("year",)
        fields = ("year", "notice", "notice_on", "amendment")


@in_chinese
class SpecialDayResource(RegisterResource):
    class Meta(RegisterResource.Meta):
        model = SpecialDay
        import_id_fields = ("day",)
        fields = ("day", "is_workday", "name")
