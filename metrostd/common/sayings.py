"""What a form says of a field: by its name, what is wrong and what to do; never a stock sentence."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from django import forms
from django.core import validators
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Field as ModelField

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    _Text = str | _StrPromise

_VALIDATORS = (
    validators.MaxLengthValidator,
    validators.MinLengthValidator,
    validators.MaxValueValidator,
    validators.MinValueValidator,
    validators.StepValueValidator,
    validators.RegexValidator,
    validators.URLValidator,
    validators.EmailValidator,
    validators.ProhibitNullCharactersValidator,
    validators.FileExtensionValidator,
)
_READY_MADE = (
    validators.validate_slug,
    validators.validate_unicode_slug,
    validators.validate_integer,
    validators.validate_ipv4_address,
    validators.validate_comma_separated_integer_list,
)
#: What only Django says, whatever the class of the field.
_ALWAYS = frozenset({"unique", "invalid_pk_value", "max_digits", "max_decimal_places"})
_SENTENCES = {
    "empty": "“{label}”是空文件，请重新选择。",
    "invalid_choice": "“{label}”所选的内容不存在或不能选，请重新选择。",
    "invalid_list": "“{label}”所选的内容无法识别，请重新选择。",
    "invalid_pk_value": "“{label}”所选的内容不存在或不能选，请重新选择。",
    "max_length": "“{label}”不能超过{limit}个字，现在是{length}个字。",
    "min_length": "“{label}”不能少于{limit}个字，现在是{length}个字。",
    "max_value": "“{label}”不能大于{limit}。",
    "min_value": "“{label}”不能小于{limit}。",
    "max_digits": "“{label}”的位数太多，最多{max}位。",
    "max_decimal_places": "“{label}”最多{max}位小数。",
    "max_whole_digits": "“{label}”的整数部分太长，最多{max}位。",
    "unique": "“{label}”与已有的记录相同，请换一个。",
}
_UNREADABLE: tuple[tuple[type[forms.Field], str], ...] = (
    (forms.DateTimeField, "“{label}”不是有效的日期和时间，请按 2021-05-31 09:00 的样子填写。"),
    (forms.DateField, "“{label}”不是有效的日期，请按 2021-05-31 的样子填写。"),
    (forms.TimeField, "“{label}”不是有效的时间，请按 09:00 的样子填写。"),
    (forms.SlugField, "“{label}”只能用字母、数字、连字符和下划线，中间不留空格。"),
    (forms.DecimalField, "“{label}”应当填数字。"),
    (forms.FloatField, "“{label}”应当填数字。"),
    (forms.IntegerField, "“{label}”应当填整数。"),
    (forms.ImageField, "“{label}”不是能打开的图片，请重新选择。"),
    (forms.FileField, "“{label}”没有传上来，请重新选择。"),
)


def in_our_words(field: forms.Field, label: str, error: ValidationError) -> ValidationError:
    """The error with its stock sentences replaced; what the house itself says stays as it is."""
    return ValidationError([_said(field, label, each) for each in error.error_list])


def _said(field: forms.Field, label: str, error: ValidationError) -> ValidationError:
    if error.code not in _ALWAYS and not any(error.message is each for each in _stock(field)):
        return error
    params = error.params or {}
    known = {
        "label": label,
        "limit": params.get("limit_value", params.get("max", "")),
        "length": params.get("show_value", params.get("length", "")),
        "max": params.get("max", ""),
    }
    return ValidationError(_sentence(field, error.code or "").format(**known), code=error.code)


def _sentence(field: forms.Field, code: str) -> str:
    if code == "required":
        return _missing(field)
    if found := _SENTENCES.get(code):
        return found
    for kind, sentence in _UNREADABLE:
        if isinstance(field, kind):
            return sentence
    return "“{label}”的内容无法识别，请检查后重新填写。"


def _missing(field: forms.Field) -> str:
    if isinstance(field, forms.FileField):
        return "请选择“{label}”的文件。"
    if isinstance(field, forms.BooleanField):
        return "请勾选“{label}”。"
    if isinstance(field, forms.ChoiceField | forms.ModelChoiceField):
        return "请选择“{label}”。"
    return "请填写“{label}”。"


def _stock(field: forms.Field) -> Iterator[object]:
    for kind in type(field).__mro__:
        if kind.__module__.startswith("django."):
            yield from getattr(kind, "default_error_messages", {}).values()
    yield from ModelField.default_error_messages.values()
    for validator in _VALIDATORS:
        yield validator.message
    for ready in _READY_MADE:
        yield getattr(ready, "message", None)
    yield from validators.DecimalValidator.messages.values()


class Named(forms.BaseForm):
    """A form whose every error names its field in the house's own words."""

    def add_error(  # type: ignore[override]
        self,
        field: str | None,
        error: "ValidationError | _Text | Sequence[ValidationError | _Text]",
    ) -> None:
        given = error if isinstance(error, ValidationError) else ValidationError(error)  # type: ignore[arg-type]
        if hasattr(given, "error_dict"):
            for each, errors in given.error_dict.items():
                self.add_error(each, ValidationError(errors))
            return
        name = None if field == NON_FIELD_ERRORS else field
        if name is not None and name in self.fields:
            said = self.fields[name]
            given = in_our_words(said, str(said.label or name).removesuffix("："), given)
        super().add_error(name, given)
