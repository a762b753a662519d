"""Every form of every role, sent empty and with nonsense: Chinese, by the field's name, not stock."""

import re

import pytest
from django import forms
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.module_loading import import_string

from metrostd.common.sayings import Named

OURS = ("campaigns", "inspections", "metrostd", "rectification", "reporting", "selfcheck")
STOCK = re.compile(
    r"必填项|有效“字段”|“slug”|[Tt]his field|[Ee]nter a|[Ss]elect a|[Ee]nsure|确保该|输入一个|请输入有效|选择一个有效|[A-Za-z]{4,} [a-z]{2,}"
)


def classes() -> list[type[forms.BaseForm]]:
    """All form classes of the house, the administration site's aside."""
    for config in apps.get_app_configs():
        for name in ("forms", "views"):
            try:
                import_string(f"{config.name}.{name}.__name__")
            except ImportError:
                continue
    seen: list[type[forms.BaseForm]] = []

    def walk(kind: type) -> None:
        for each in kind.__subclasses__():
            if each not in seen:
                seen.append(each)
                walk(each)

    walk(forms.BaseForm)
    return sorted(
        {k for k in seen if k.__module__.startswith(OURS) and "Sample" not in k.__name__},
        key=lambda k: f"{k.__module__}.{k.__name__}",
    )


def test_every_form_of_the_house_names_its_fields():
    import_string("metrostd.urls.urlpatterns")
    unnamed = [k.__qualname__ for k in classes() if not issubclass(k, Named)]
    # Made by factories of Django for pages that declare none, or by the administration site.
    assert [name for name in unnamed if "Admin" not in name] == []


FIELDS = [
    (forms.CharField(max_length=3), "", "请填写“名称”。"),
    (forms.CharField(max_length=3), "一二三四", "“名称”不能超过3个字，现在是4个字。"),
    (forms.CharField(min_length=3), "一", "“名称”不能少于3个字，现在是1个字。"),
    (forms.DateField(), "昨天", "“名称”不是有效的日期，请按 2021-05-31 的样子填写。"),
    (forms.IntegerField(min_value=1), "abc", "“名称”应当填整数。"),
    (forms.IntegerField(min_value=1), "0", "“名称”不能小于1。"),
    (forms.IntegerField(max_value=100), "101", "“名称”不能大于100。"),
    (forms.DecimalField(max_digits=4, decimal_places=2), "x", "“名称”应当填数字。"),
    (forms.DecimalField(decimal_places=2), "1.234", "“名称”最多2位小数。"),
    (forms.ChoiceField(choices=[("a", "甲")]), "", "请选择“名称”。"),
    (forms.ChoiceField(choices=[("a", "甲")]), "z", "“名称”所选的内容不存在或不能选，请重新选择。"),
    (
        forms.MultipleChoiceField(choices=[("a", "甲")]),
        ["z"],
        "“名称”所选的内容不存在或不能选，请重新选择。",
    ),
    (forms.BooleanField(), "", "请勾选“名称”。"),
    (
        forms.SlugField(),
        "二〇二六 年",
        "“名称”只能用字母、数字、连字符和下划线，中间不留空格。",
    ),
    (forms.EmailField(), "x", "“名称”的内容无法识别，请检查后重新填写。"),
    (forms.FileField(), None, "请选择“名称”的文件。"),
    (forms.FileField(), SimpleUploadedFile("a.txt", b""), "“名称”是空文件，请重新选择。"),
    (forms.CharField(error_messages={"required": "请先勾选行。"}), "", "请先勾选行。"),
]


@pytest.mark.parametrize(("field", "typed", "said"), FIELDS, ids=lambda v: str(v)[:24])
def test_a_field_is_refused_by_name(field, typed, said):
    class Sample(Named, forms.Form):
        name = field

    Sample.base_fields["name"].label = "名称"
    is_file = isinstance(field, forms.FileField)
    form = Sample({} if is_file else {"name": typed}, {"name": typed} if is_file and typed else {})

    assert form.errors["name"] == [said]
    assert not STOCK.search(said)
