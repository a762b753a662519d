"""The work calendar on the support desk: years with their notice, days off and days worked instead."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from metrostd.common.admin import TableAdmin
from metrostd.common.calendar import without_table
from metrostd.common.models import CalendarYear, SpecialDay

from .resources import CalendarYearResource, SpecialDayResource

KEPT = "已经算出的期限不会改变；需要调整的，请在相应页面办理。"


@admin.register(CalendarYear)
class CalendarYearAdmin(TableAdmin):
    """A year listed here counts as complete: its days come first."""

    resource_classes = (CalendarYearResource,)
    list_display = ("year", "notice", "notice_on", "amendment")


@admin.register(SpecialDay)
class SpecialDayAdmin(TableAdmin):
    resource_classes = (SpecialDayResource,)
    list_display = ("day", "is_workday", "name")
    list_filter = ("is_workday",)
    search_fields = ("day", "name")
    date_hierarchy = "day"

    def save_model(
        self, request: HttpRequest, obj: SpecialDay, form: ModelForm, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        self._say(request, {obj.day.year})

    def after_import(self, request: HttpRequest, rows: QuerySet) -> None:
        self._say(request, {day.year for day in rows.values_list("day", flat=True)})

    def _say(self, request: HttpRequest, years: set[int]) -> None:
        """What has been counted stays; a year counts only once its notice is on record."""
        messages.info(request, KEPT)
        for year in without_table(years):
            messages.warning(
                request,
                f"{year}年的假日录完后，请在“节假日安排”中登记该年度的通知文号，否则仍按周末推算并注明。",
            )
