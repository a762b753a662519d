"""Files on this machine's disk: a name stands for a whole file or for none."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.files import File
from django.core.files.storage import FileSystemStorage


class WholeFileStorage(FileSystemStorage):
    """Writes beside the place and renames: a full disk or a killed process leaves no half file."""

    def _save(self, name: str, content: File) -> str:
        place = Path(self.path(name))
        place.parent.mkdir(parents=True, exist_ok=True)
        with _beside(place) as (handle, temporary):
            with os.fdopen(handle, "wb") as out:
                for chunk in content.chunks():
                    out.write(chunk)
                out.flush()
                os.fsync(out.fileno())
            if self.file_permissions_mode is not None:
                temporary.chmod(self.file_permissions_mode)
            while True:
                try:
                    os.link(temporary, place)  # unlike renaming it takes nobody's place
                    break
                except FileExistsError:
                    name = self.get_available_name(name)
                    place = Path(self.path(name))
        return name.replace("\\", "/")


@contextmanager
def _beside(place: Path) -> Iterator[tuple[int, Path]]:
    handle, path = tempfile.mkstemp(prefix=".new-", dir=place.parent)
    try:
        yield handle, Path(path)
    finally:
        Path(path).unlink(missing_ok=True)
