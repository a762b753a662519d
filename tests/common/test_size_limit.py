"""What a help text says about the size of a file is what the setting allows."""

from metrostd.lists.forms.upload import UploadForm
from metrostd.registry.forms.equipment import TraceForm


def test_help_texts_name_the_limit_of_the_setting(settings):
    settings.UPLOAD_MAX_BYTES = 7 * 1024 * 1024

    for form in (UploadForm, TraceForm):
        words = [str(field.help_text) for field in form.base_fields.values()]
        assert any("不超过 7 MB" in each for each in words), form
