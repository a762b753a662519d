"""People, the capacities in which they act, and how they sign in."""

from .absences import Absence
from .people import Membership, User
from .signing_in import (
    KnownDevice,
    OneTimeCode,
    PastPassword,
    RecoveryCode,
    SecondFactor,
    SignedIn,
    SignInCounter,
    SlipPrint,
)

__all__ = [
    "Absence",
    "KnownDevice",
    "Membership",
    "OneTimeCode",
    "PastPassword",
    "RecoveryCode",
    "SecondFactor",
    "SignInCounter",
    "SignedIn",
    "SlipPrint",
    "User",
]
