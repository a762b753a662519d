"""The POST of a page with a form: done, refused, or somebody else was faster."""

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.test import RequestFactory

from metrostd.common.attempts import attempt
from metrostd.common.forms import Refusable
from metrostd.common.http import StaleError
from metrostd.common.transitions import TransitionError


class NameForm(Refusable, forms.Form):
    name = forms.CharField()
    base_version = forms.IntegerField()


SENT = {"name": "甲", "base_version": "1"}


def sent(data: dict[str, str]):
    request = RequestFactory().post("/", data)
    return request, NameForm(request.POST)


def failing(error: Exception):
    def act():
        raise error

    return act


def never():
    raise AssertionError("must not be called")


def test_a_page_only_asked_for_tries_nothing():
    tried = attempt(RequestFactory().get("/"), NameForm(), never)
    assert (tried.done, tried.status, tried.shown) == (False, 200, {})


def test_input_the_form_refuses_never_reaches_the_domain():
    request, form = sent({"name": ""})
    tried = attempt(request, form, never)
    assert (tried.done, tried.status) == (False, 422)
    assert set(form.errors) == {"name", "base_version"}


def test_a_page_with_more_forms_says_itself_whether_all_are_valid():
    request, form = sent(SENT)
    assert attempt(request, form, never, valid=False).status == 422


def test_what_the_domain_made_comes_back():
    request, form = sent(SENT)
    tried = attempt(request, form, lambda: form.cleaned_data["name"] * 2)
    assert (tried.done, tried.made) == (True, "甲甲")


def test_what_the_domain_refuses_stands_in_the_form():
    request, form = sent(SENT)
    tried = attempt(request, form, failing(ValidationError({"name": "已有同名单位。"})))
    assert (tried.done, tried.status) == (False, 422)
    assert form.errors == {"name": ["已有同名单位。"]}


def test_the_second_editor_sees_both_values_and_may_save_over_the_first():
    request, form = sent(SENT)
    payload = {"version": 2, "fields": {"名称": ["乙", "甲"]}}
    tried = attempt(request, form, failing(StaleError("已被他人修改。", payload=payload)))
    assert (tried.done, tried.status) == (False, 409)
    assert tried.shown == {"conflict": {"名称": ["乙", "甲"]}, "reason": "已被他人修改。"}
    assert (form["name"].value(), form["base_version"].value()) == ("甲", 2)
    assert form.is_valid()


@pytest.mark.parametrize(
    "error", [StaleError("请先阅读最新内容。"), TransitionError("已经办结。", obj=None)]
)
def test_a_conflict_without_both_values_is_not_the_page_s_to_answer(error):
    request, form = sent(SENT)
    with pytest.raises(type(error)):
        attempt(request, form, failing(error))
