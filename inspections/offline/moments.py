"""The clock of a device is a claim: it may be wrong by a day, and be set meanwhile. Pure."""

import datetime as dt


def from_millis(sent: object) -> dt.datetime | None:
    """A moment as a browser writes it, in milliseconds; None for anything else."""
    if isinstance(sent, bool) or not isinstance(sent, int | float) or not 0 < sent < 1e14:
        return None
    return dt.datetime.fromtimestamp(sent / 1000, tz=dt.UTC)


def happened_at(
    claimed: dt.datetime | None,
    *,
    device_now: dt.datetime | None,
    now: dt.datetime,
    since: dt.datetime,
) -> dt.datetime:
    """When something happened on a device, as far as its clock can be believed.

    What the device's clock says now tells how wrong it is; nothing happened before the task was taken
    along (``since``) or after it arrived (``now``). Without a claim it happened on arrival.
    """
    if claimed is None:
        return now
    wrong_by = now - device_now if device_now else dt.timedelta()
    return min(max(claimed + wrong_by, since), now)
