"""What happens at midnight, every hour and every minute: the clock starts these tasks, in this order.

Each stands in the ``schedule.py`` of its app and says there what it does.
"""

from typing import TypedDict

from celery.schedules import crontab


class Entry(TypedDict, total=False):
    """A task and when it is due; ``options`` go with its message."""

    task: str
    schedule: crontab
    options: dict[str, int]


def _at(moment: crontab, task: str, **options: int) -> tuple[str, Entry]:
    return task, {"task": task, "schedule": moment, "options": options}


def _midnight(minute: int) -> crontab:
    """Shortly after midnight; the minutes keep one from reading what the next is to write."""
    return crontab(hour=0, minute=minute)


SCHEDULE: dict[str, Entry] = dict(
    (
        _at(crontab(), "common.settle_lost_jobs", expires=50),
        _at(crontab(), "notifications.deliver", expires=50),
        _at(crontab(), "notifications.post_webhooks", expires=50),
        _at(crontab(minute="*/5"), "notifications.read_bounces", expires=250),
        _at(crontab(minute="*/5"), "coordination.push", expires=250),
        _at(crontab(), "trail.seal", expires=50),
        _at(crontab(minute=7), "reminders.remind", expires=3000),
        _at(crontab(minute=25), "common.forget_exports"),
        _at(crontab(minute=5), "campaigns.watch_draws", expires=3000),
        _at(crontab(minute="*/10"), "risk.keep_counted", expires=550),
        _at(_midnight(2), "accounts.end_what_is_over"),
        _at(_midnight(5), "registry.age_certificates"),
        _at(_midnight(10), "selfcheck.mark_overdue"),
        _at(_midnight(20), "rectification.fail_overdue"),
        _at(crontab(minute=25), "campaigns.follow_routing", expires=3000),
        _at(_midnight(30), "campaigns.follow_tracing"),
        _at(_midnight(35), "campaigns.watch_returns"),
        _at(_midnight(38), "risk.raise_warnings"),
        _at(_midnight(40), "common.refresh_statistics"),
        _at(_midnight(50), "trail.check"),
    )
)
