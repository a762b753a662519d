"""Input of a 现场笔录."""

from django import forms

from inspections.models import InspectionTask
from metrostd.common import clock
from metrostd.common.day_fields import PastMoment
from metrostd.common.forms import LaidForm, Refusable


class BeginForm(LaidForm):
    person = forms.CharField(label="被询问人", max_length=40)
    position = forms.CharField(label="职务", max_length=40)
    place = forms.CharField(label="地点", max_length=200)
    began_at = PastMoment(label="开始时间")

    def __init__(self, *args, task: InspectionTask, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["place"].initial = task.place
        self.fields["began_at"].initial = clock.now().replace(second=0, microsecond=0)


class WriteForm(Refusable, forms.Form):
    """Questions and answers as the page sends them, any number; ``seen`` is what it showed."""

    #: So many at most: longer records are several.
    MOST = 80

    remark = forms.CharField(
        label="被询问人意见",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def lines(self) -> list[tuple[str, str]]:
        """The pairs that were sent, as far as there is anything in them."""
        getlist = getattr(self.data, "getlist", None)
        if getlist is None:
            return []
        pairs = zip(getlist("question"), getlist("answer"), strict=False)
        return [(q[:1000], a[:4000]) for q, a in pairs][: self.MOST]
