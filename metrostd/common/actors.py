"""Who acts: the type of the person a rule, a write or a page is about.

The user model stands above most who speak of it (``metrostd.accounts``), so only the type checker
imports it from here; it is the one exception to "imports point down".
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metrostd.accounts.models import User

    #: A person in the capacity of their acting membership. ``Actor | None``: None is the clock.
    Actor = User
else:
    Actor = object
