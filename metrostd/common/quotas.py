"""How much may be attached to one thing: enough for every case, and an end to a flood."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet, Sum


@dataclass(frozen=True, slots=True)
class Quota:
    """The most files and megabytes for ``what``, as a person calls it."""

    what: str
    files: int
    megabytes: int

    def require_room(self, rows: QuerySet, *, adding: int) -> None:
        """Raise ValidationError when ``rows``, each with a ``file``, leave no room for so many bytes."""
        now = rows.aggregate(count=Count("pk"), size=Sum("file__size"))
        if now["count"] >= self.files:
            raise ValidationError(
                f"{self.what}最多附 {self.files} 个文件，已经够数。请先移除不需要的文件，或合并后再传。",
                code="too_many_files",
            )
        if (now["size"] or 0) + adding > self.megabytes << 20:
            raise ValidationError(
                f"{self.what}的文件合计不能超过 {self.megabytes} MB。请压缩，或移除不需要的文件后再传。",
                code="no_room",
            )
