"""How a form takes what the domain refuses."""

import pytest
from django import forms
from django.core.exceptions import ValidationError

from metrostd.common.forms import Refusable, day_input, helper_for


class DayForm(Refusable, forms.Form):
    day = forms.DateField(widget=day_input())


@pytest.fixture
def form() -> DayForm:
    bound = DayForm({"day": "2021-08-02"})
    assert bound.is_valid()
    return bound


def test_a_refusal_that_names_a_field_is_shown_beside_it(form):
    form.refuse(ValidationError({"day": "不能早于今天。"}))
    assert form.errors == {"day": ["不能早于今天。"]}


def test_a_refusal_that_names_no_field_is_shown_above_the_form(form):
    form.refuse(ValidationError(["甲", "乙"]))
    assert form.errors == {"__all__": ["甲", "乙"]}


def test_a_refusal_about_a_field_the_form_lacks_is_not_lost(form):
    form.refuse(ValidationError({"elsewhere": "另有问题。", "day": "太早。"}))
    assert form.errors == {"__all__": ["另有问题。"], "day": ["太早。"]}


def test_a_form_inside_a_page_has_no_tag_of_its_own_and_only_the_fields_named():
    helper = helper_for("day")
    assert (helper.form_tag, helper.disable_csrf, helper.layout.fields) == (False, True, ["day"])


def test_a_day_goes_into_the_widget_of_the_browser_as_it_was():
    bound = DayForm(initial={"day": forms.DateField().clean("2021-08-02")})
    assert 'value="2021-08-02"' in str(bound["day"])
