"""The capacity in which somebody sends a request, for pages that cannot do without one."""

from django.core.exceptions import PermissionDenied

from metrostd.common.http import PortalRequest
from metrostd.registry.models import Authority


def office_of(request: PortalRequest) -> Authority:
    """The authority somebody acts for; PermissionDenied for a unit and for nobody."""
    acting = request.user.acting
    if acting is None or acting.authority is None:
        raise PermissionDenied("由市场监管部门办理，请先切换到相应的任职身份。")
    return acting.authority
