"""Sets the acting membership of each request from the session."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from .models import Membership

SESSION_KEY = "acting_membership"


class ActingMembershipMiddleware:
    """Exactly one membership acts; a session naming one that has ended falls back to asking."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *args: object) -> None:
        """Runs after authentication, so anonymous pages never touch the session."""
        if not request.user.is_authenticated:
            return
        chosen = request.session.get(SESSION_KEY)
        if chosen is None:
            return
        membership = (
            Membership.objects.active()
            .filter(pk=chosen, user=request.user)
            .select_related("authority", "unit")
            .first()
        )
        request.user.act_as(membership)
