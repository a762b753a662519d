import factory
from factory.django import DjangoModelFactory

from metrostd.notifications.models import Message

from .accounts import MembershipFactory


class MessageFactory(DjangoModelFactory):
    class Meta:
        model = Message

    membership = factory.SubFactory(MembershipFactory)
    subject = factory.Sequence(lambda n: f"示例消息{n}")
    url = "/campaigns/duties/"
