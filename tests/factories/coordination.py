import factory
from factory.django import DjangoModelFactory

from metrostd.common import clock
from metrostd.coordination.enums import PushKind, Side
from metrostd.coordination.models import Push

from .registry import AuthorityFactory, UnitFactory


class PushFactory(DjangoModelFactory):
    """Told to supervision; about the unit as a whole."""

    class Meta:
        model = Push

    authority = factory.SubFactory(AuthorityFactory)
    side = Side.SUPERVISION
    kind = PushKind.ISSUED
    entry = factory.Sequence(lambda n: n + 1)
    unit = factory.SubFactory(UnitFactory)
    words = "示例"
    happened_at = factory.LazyFunction(clock.now)
