"""System checks: refuse to start with half an installation instead of failing at the first PDF."""

import ctypes.util
import shutil
import subprocess
from collections.abc import Sequence

from django.apps import AppConfig
from django.core.checks import Error, Warning, register


@register()
def subset_library(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[Error]:
    """Without HarfBuzz's subsetter every PDF embeds whole CJK fonts and takes seconds."""
    if ctypes.util.find_library("harfbuzz-subset"):
        return []
    return [
        Error(
            "libharfbuzz-subset0 is not installed.",
            hint="apt-get install libharfbuzz-subset0",
            id="common.E001",
        )
    ]


@register()
def chinese_fonts(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[Warning]:
    """Documents need a Chinese font; Noto CJK is the fallback for the official families."""
    lister = shutil.which("fc-list")
    if lister:
        found = subprocess.run(  # noqa: S603 -- a fixed command without input
            [lister, ":lang=zh", "family"], capture_output=True, text=True, check=False
        ).stdout
        if found.strip():
            return []
    return [
        Warning(
            "No Chinese font found for documents.",
            hint="apt-get install fonts-noto-cjk",
            id="common.W001",
        )
    ]
