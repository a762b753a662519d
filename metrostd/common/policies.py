"""A policy answers with a Verdict: yes, or no with the reason a person reads beside the button.

A no is made by ``not_you`` or by ``not_now``, nowhere else: the page that refuses says which it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied


@dataclass(frozen=True, slots=True)
class Verdict:
    """Yes when there is no reason against it, otherwise no with a reason fit to show a person.

    ``reasons`` lists them where there are several; ``reason`` then names the first and how many.
    """

    reason: str = ""
    reasons: tuple[str, ...] = ()
    #: The state of the thing speaks against it, not who asks: it may be possible later.
    by_state: bool = False

    @classmethod
    def against(cls, reasons: Sequence[str]) -> "Verdict":
        """Yes without reasons, otherwise no with all of them."""
        if len(reasons) < 2:
            return cls("".join(reasons), tuple(reasons), by_state=bool(reasons))
        said = f"{reasons[0].rstrip('。')}等{len(reasons)}项原因。"
        return cls(said, tuple(reasons), by_state=True)

    def __bool__(self) -> bool:
        return not self.reason


YES = Verdict()


class NotNowError(PermissionDenied):
    """Refused because of the state of the thing: nobody could do it now."""


def not_you(reason: str) -> Verdict:
    """No, for this person: somebody else can, and the reason says who."""
    return Verdict(reason)


def not_now(reason: str) -> Verdict:
    """No, for anybody: the state of the thing speaks against it; yes when nothing does."""
    return Verdict(reason, by_state=bool(reason))


def require(verdict: Verdict) -> None:
    """Raise PermissionDenied (403, with the reason) unless the verdict is yes."""
    if not verdict:
        raise (NotNowError if verdict.by_state else PermissionDenied)(verdict.reason)


def first_no(*verdicts: Verdict) -> Verdict:
    """The first refusal, or yes."""
    return next((verdict for verdict in verdicts if not verdict), YES)
