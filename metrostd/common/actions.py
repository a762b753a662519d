"""What can be done next on a page: a row of buttons, each with the verdict of its policy."""

from dataclasses import dataclass

from .policies import YES, Verdict


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do next: a ``link``, a plain button (``post``) or one that asks for a reason (``note``).

    What may not be done now stands there with the reason; a page leaves out what is not the person's
    business at all.
    """

    label: str
    url: str
    verdict: Verdict = YES
    kind: str = "post"
    tone: str = "default"
    icon: str = ""
    confirm: str = ""
    note_label: str = "理由"
    #: What the page showed when the button was drawn, where the act refuses anything newer.
    seen: str = ""


def possible(*actions: Action) -> list[Action]:
    """Those that may be done now; the others are not even shown."""
    return [action for action in actions if action.verdict]
