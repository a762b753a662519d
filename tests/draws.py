"""Draws for tests that need one: the whole protocol in a moment, by people made for it."""

import datetime as dt

from campaigns import adjusting, announcing, sampling, settling, terms
from campaigns.enums import FrameSubject
from campaigns.models import Campaign, DrawRun, DrawTerms, SamplingFrame
from metrostd.accounts.models import User
from metrostd.common import clock
from metrostd.registry.models import Authority

DAY = dt.timedelta(days=1)
ISSUE, NUMBERS = "2021061", "01 07 12 18 25 33 09"


def person(name: str) -> User:
    """Somebody who acts in draws, made once."""
    return User.objects.get_or_create(
        username=f"draw-{name}", defaults={"display_name": f"示例{name}", "password": "!unusable"}
    )[0]


def freeze(
    campaign: Campaign, authority: Authority, *, actor=None, subject=FrameSubject.UNITS, since=None
) -> SamplingFrame:
    """A list that was shown for three days and is frozen now; ``since``: the first day of case files."""
    with clock.pinned(clock.now() - 3 * DAY):
        frame = sampling.show_frame(
            campaign, authority, subject=subject, issued_from=since, actor=actor
        )
    return sampling.freeze_frame(frame, actor=actor)


def announce(frame: SamplingFrame, *, ratio=20, ratio_reason="示例", actor=None) -> DrawTerms:
    """Terms two days old whose moment is now, not acknowledged yet."""
    now = clock.now()
    with clock.pinned(now - 2 * DAY):
        return announcing.announce_draw(
            frame,
            ratio=ratio,
            ratio_reason=ratio_reason,
            issue=ISSUE,
            moment=now,
            floor=adjusting.ratio_of(frame.campaign, frame.authority),
            actor=actor,
        )


def acknowledge(row: DrawTerms, *, actor=None) -> None:
    """In time, that is a day and a half ago for terms that are due now."""
    with clock.pinned(row.acknowledge_by - DAY / 2):
        terms.acknowledge(row, actor=actor or person("above"))


def settle(row: DrawTerms, *, numbers=NUMBERS, actor=None) -> DrawRun:
    """One enters the value, another confirms it."""
    settling.enter_value(row, issue=ISSUE, numbers=numbers, actor=actor or person("office"))
    made = settling.confirm_value(row, issue=ISSUE, numbers=numbers, actor=person("above"))
    assert made is not None
    return made


def draw(
    frame: SamplingFrame, *, ratio=20, ratio_reason="示例", numbers=NUMBERS, actor=None
) -> DrawRun:
    """A draw from a frozen list: the whole way, or from where a voided draw left its terms."""
    row = frame.terms.live().first()
    if row is None:
        row = announce(frame, ratio=ratio, ratio_reason=ratio_reason, actor=actor)
        acknowledge(row)
    return settle(row, numbers=numbers, actor=actor)


def later(row: DrawTerms, *, numbers=NUMBERS) -> DrawRun:
    """What follows terms that were announced just now: acknowledged, and drawn at their moment."""
    terms.acknowledge(row, actor=person("above"))
    with clock.pinned(row.moment):
        return settle(row, numbers=numbers)
