"""The embedded queue: messages as files of one folder, whole before anybody sees them, oldest first."""

import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.encoding import str_to_bytes
from kombu.utils.json import dumps

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Seconds between two looks at an empty folder: a tenth of what a person notices as waiting.
LOOK_EVERY = 0.05


class Channel(filesystem.Channel):
    """Kombu's, but a worker that looks often never meets half a message.

    Kombu opens a file under its final name and writes then; and it names files by a clock that starts
    anew with the machine, so that yesterday's would be taken for the youngest.
    """

    def _put(self, queue: str, payload: "Mapping[str, object]", **_: object) -> None:  # type: ignore[override]
        name = f"{time.time_ns():020}_{uuid.uuid4()}.{queue}.msg"
        unfinished = Path(self.data_folder_out, f"{name}.part")
        try:
            unfinished.parent.mkdir(parents=True, exist_ok=True)  # somebody tidied it away
            unfinished.write_bytes(str_to_bytes(dumps(payload)))
            unfinished.rename(unfinished.with_suffix(""))
        except OSError as error:
            raise ChannelError(f"Cannot add file {name!r} to the queue's folder") from error


class Transport(filesystem.Transport):
    """``filesystem://`` with the channel above."""

    Channel = Channel
    polling_interval = LOOK_EVERY


def install() -> None:
    """From now on ``filesystem://`` means this transport."""
    TRANSPORT_ALIASES["filesystem"] = f"{__name__}:Transport"
