"""What an office writes for others to read does not say who complained."""

from django.core.exceptions import ValidationError

from metrostd.common import sealing

from .models import Complaint

#: Shorter runs of signs are in every text.
_NAME, _CONTACT = 2, 5


def gives_away(row: Complaint, text: str) -> bool:
    """Whether a text has the name of whoever complained, or a part of their contact."""
    plain = "".join(text.split())
    name = "".join(sealing.unseal(row.sealed_name).split())
    parts = sealing.unseal(row.sealed_contact).replace("，", " ").replace(",", " ").split()
    return (len(name) >= _NAME and name in plain) or any(
        len(part) >= _CONTACT and part in plain for part in parts
    )


def require_discreet(row: Complaint, **texts: str) -> None:
    """Raise ValidationError beside the text that gives somebody away."""
    wrong = {
        field: "其中有反映人的姓名或者联系方式，请删去：这一项别人也能看到。"
        for field, text in texts.items()
        if gives_away(row, text)
    }
    if wrong:
        raise ValidationError(wrong)
