"""Whose request it is: session, person and membership, read at every request by compiled statements."""

from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends.db import SessionStore as DatabaseSession
from django.contrib.sessions.models import Session
from django.db import models

from metrostd.common import clock
from metrostd.common.prepared import Given, Prepared

from .models import Membership, User

_SESSION = Prepared(
    lambda: Session.objects.filter(
        session_key=Given("key", models.CharField()),
        expire_date__gt=Given("now", models.DateTimeField()),
    )
)
_PERSON = Prepared(lambda person: User.objects.filter(pk=person))
_MEMBERSHIP = Prepared(
    lambda membership, person: (
        Membership.objects.switched_on()
        .filter(pk=membership, user=person)
        .select_related("authority", "unit")
    )
)


class SessionStore(DatabaseSession):
    """Django's session in the database, read by a compiled statement."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def _get_session_from_db(self) -> Session | None:
        found: Session | None = _SESSION.first(key=self.session_key, now=clock.of_the_machine())
        if found is None:
            self._session_key = None
        return found


class PersonBackend(ModelBackend):
    """Django's own checks; the person of a session is read by a compiled statement."""

    def get_user(self, user_id: int | str) -> User | None:
        found: User | None = _PERSON.first(person=int(user_id))
        return found if found is not None and self.user_can_authenticate(found) else None


def membership_of(person: User, chosen: int) -> Membership | None:
    """The membership a session names, if it is still this person's and active."""
    found: Membership | None = _MEMBERSHIP.first(membership=chosen, person=person.pk)
    # A day stands in no compiled statement.
    return None if found is None or found.has_ended(clock.today()) else found
