"""Where later stages hear that an application for 更换、封存、撤销、恢复使用 has moved (duties)."""

from collections.abc import Callable

from metrostd.common.actors import Actor
from metrostd.registry.models import ChangeRecord

from .notifications import tell_of_application

ApplicationHook = Callable[[ChangeRecord], None]

_hooks: list[ApplicationHook] = []


def on_application(hook: ApplicationHook) -> ApplicationHook:
    """Register what happens in the transaction in which an application moves."""
    _hooks.append(hook)
    return hook


def moved(record: ChangeRecord, actor: Actor | None) -> None:
    """Tell whom it concerns, and upper apps; nothing more when there are none."""
    tell_of_application(record, actor)
    for hook in _hooks:
        hook(record)
