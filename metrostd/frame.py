"""What the frame around every page shows: who is acting, the campaign chosen, menu, stages, inbox."""

from typing import Any

from django.http import HttpRequest


def frame(request: HttpRequest) -> dict[str, Any]:
    return {"frame": None}
