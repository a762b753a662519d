"""People, the capacities in which they act, and how they sign in."""

from .absences import Absence
from .people import Membership, User
from .rosters import RosterFile
from .signing_in import (
    Identity,
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
    "Identity",
    "KnownDevice",
    "Membership",
    "OneTimeCode",
    "PastPassword",
    "RecoveryCode",
    "RosterFile",
    "SecondFactor",
    "SignInCounter",
    "SignedIn",
    "SlipPrint",
    "User",
]
