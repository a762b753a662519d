import factory
from factory.django import DjangoModelFactory

from metrostd.common.models import Job

from .accounts import UserFactory


class JobFactory(DjangoModelFactory):
    class Meta:
        model = Job

    kind = "example"
    title = "示例后台任务"
    owner = factory.SubFactory(UserFactory)
