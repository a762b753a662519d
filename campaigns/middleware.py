"""No page with inspection data before the pledge of its campaign, whatever its view does."""

from collections.abc import Callable
from typing import cast

from django.http import HttpRequest, HttpResponse

from metrostd.common.http import PortalRequest

from . import pledges


class PledgeMiddleware:
    """Stands behind the choice of the acting membership: who looks decides whether a pledge is owed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *args: object) -> None:
        match = request.resolver_match
        if match is not None and request.user.is_authenticated:
            pledges.stop_unpledged(cast(PortalRequest, request), match)
