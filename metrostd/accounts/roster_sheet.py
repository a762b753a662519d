"""The columns of a roster, and the people of offices as its rows: what is exported is what is imported."""

from collections.abc import Iterator

from metrostd.common.actors import Actor
from metrostd.common.roles import Role
from metrostd.common.shapes import CellValue
from metrostd.common.spreadsheet import Column
from metrostd.common.templatetags.formats import mask_mail, mask_phone

from . import policies
from .models import Membership

COLUMNS = (
    Column("用户名", 18),
    Column("姓名", 12),
    Column("身份", 18),
    Column("机关", 20),
    Column("任职单位", 30),
    Column("证件号", 20),
    Column("有效期至", 14),
    Column("专业", 30),
    Column("手机", 16),
    Column("邮箱", 24),
    Column("任职至", 14),
    Column("随任务结束", 12),
)
HEADINGS = tuple(column.heading for column in COLUMNS)


def members_for_export(viewer: Actor) -> Iterator[Membership]:
    """Everybody of offices whom the viewer manages, a row for each capacity."""
    grants = policies.GRANTS.get(viewer.scope.role, frozenset())
    rows = Membership.objects.visible_to(viewer).not_ended().filter(unit=None, role__in=grants)
    rows = rows.exclude(user=viewer.pk).select_related("user", "authority", "employer")
    return iter(rows.prefetch_related("fields").order_by("authority__code", "role", "pk"))


def cells(row: Membership) -> tuple[CellValue, ...]:
    """A row of the roster; numbers and addresses masked, which the import takes for unchanged."""
    return (
        row.user.username,
        row.user.display_name,
        str(Role(row.role).label),
        str(row.authority),
        row.employer.name if row.employer else "",
        row.cert_no,
        row.cert_valid_until,
        "、".join(field.name for field in row.fields.all()),
        mask_phone(row.user.phone),
        mask_mail(row.user.email),
        row.ends_on,
        "是" if row.ends_with_task else "",
    )
