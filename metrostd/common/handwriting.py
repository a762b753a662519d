"""Signatures drawn on a screen: the picture the signature pad sends, checked before it is kept."""

import base64
import binascii

from django.core.exceptions import ValidationError

from .uploads import PNG, sniff

_PREFIX = "data:image/png;base64,"
_LIMIT = 1024 * 1024


def signature_png(image: str | bytes) -> bytes:
    """The PNG of a signature: its bytes, or the data URL of the pad; ValidationError for anything else."""
    if isinstance(image, str):
        if not image.startswith(_PREFIX):
            raise ValidationError({"image": "没有收到签名，请在方框内签名。"})
        try:
            image = base64.b64decode(image.removeprefix(_PREFIX), validate=True)
        except (binascii.Error, ValueError):
            raise ValidationError({"image": "签名图片已损坏，请重签。"}) from None
    if len(image) > _LIMIT or sniff(image) != PNG:
        raise ValidationError({"image": "签名不是有效的 PNG 图片，请重签。"})
    return image
