import factory
from factory.django import DjangoModelFactory

from campaigns.enums import DutyKind
from metrostd.reminders.enums import Audience, Moment
from metrostd.reminders.models import ReminderRule


class RuleFactory(DjangoModelFactory):
    """The owner of a draw is reminded three days before."""

    class Meta:
        model = ReminderRule

    kind = DutyKind.DRAW
    moment = Moment.BEFORE
    days = factory.LazyAttribute(lambda o: 3 if o.moment == Moment.BEFORE else 0)
    audience = Audience.OWNER
    is_on = True
