"""What a page cannot save yet waits on the device, sealed under a key that only pages of its writer are given.

The key follows from the portal's own and the person; no device keeps it. Whoever signs out leaves ciphertext
behind, and what waits is opened again when its owner signs in there (``static/js/waiting.js``).
"""

import base64

from django.http import HttpRequest

from metrostd.common import sealing

_PURPOSE = "device"


def device_keys(request: HttpRequest) -> str:
    """Keys of the person signed in, base64, the one to seal with first; empty without a sign-in."""
    if not request.user.is_authenticated:
        return ""
    keys = sealing.keys_for(_PURPOSE, str(request.user.pk))
    return " ".join(base64.b64encode(key).decode() for key in keys)
