import datetime as dt
import uuid

import factory
from factory.django import DjangoModelFactory

from metrostd.common import clock, sealing
from metrostd.complaints import codes
from metrostd.complaints.enums import ComplaintChannel, ComplaintKind, ComplaintState
from metrostd.complaints.models import Complaint

from .registry import AuthorityFactory

#: Words nobody without need may meet anywhere.
WORDS, NAME, CONTACT = "canary-使用过期砝码出具证书", "示例举报人甲", "13800009999"


class ComplaintFactory(DjangoModelFactory):
    """A named tip-off that has just come in; its code is that of ``sent``."""

    class Meta:
        model = Complaint

    class Params:
        sent = factory.LazyFunction(uuid.uuid4)
        said = WORDS
        name = NAME
        contact = CONTACT

    number = factory.Sequence(lambda n: f"示例诉举〔2021〕{n}号")
    code_digest = factory.LazyAttribute(lambda o: codes.digest_of(codes.code_of(o.sent)))
    kind = ComplaintKind.TIP_OFF
    channel = ComplaintChannel.WEB
    real_name = factory.LazyAttribute(lambda o: bool(o.name))
    sealed_name = factory.LazyAttribute(lambda o: sealing.seal(o.name))
    sealed_contact = factory.LazyAttribute(lambda o: sealing.seal(o.contact))
    sealed_content = factory.LazyAttribute(lambda o: sealing.seal(o.said))
    target = "示例被反映单位"
    authority = factory.SubFactory(AuthorityFactory)
    received_on = dt.date(2021, 6, 1)
    state = ComplaintState.RECEIVED

    @classmethod
    def in_state(cls, state, **given):
        """One that has come so far, with the moments that go with it."""
        now = clock.now()
        moments = {}
        if state != ComplaintState.RECEIVED:
            moments["decided_at"] = now
        if state not in (ComplaintState.RECEIVED, ComplaintState.NOT_ACCEPTED):
            moments["accepted_at"] = now
        if state in (ComplaintState.ANSWERED, ComplaintState.CLOSED):
            moments["answered_at"] = now
        if state == ComplaintState.CLOSED:
            moments["closed_at"] = now
        return cls(state=state, **moments, **given)
