"""Who has signed and who signs next, as the signing page shows it to one of the team."""

from collections.abc import Mapping
from dataclasses import dataclass

from inspections import policies
from inspections.enums import SignerKind
from inspections.forms import MemberSignForm, UnitSignerForm
from inspections.models import InspectionTask, Signature
from inspections.signed_content import content_hash
from metrostd.common.actors import Actor
from metrostd.common.policies import Verdict

UNIT = SignerKind.UNIT.value
SignForm = MemberSignForm | UnitSignerForm


@dataclass(frozen=True, slots=True)
class Signer:
    """One line of the page: who, the signature that counts, whether this person may take it here."""

    key: str
    label: str
    detail: str
    signature: Signature | None
    is_own: bool
    may: Verdict


@dataclass(frozen=True, slots=True)
class Signers:
    """All lines, and the signatures that count no more."""

    lines: list[Signer]
    void: list[Signature]

    @property
    def team_done(self) -> bool:
        return all(each.signature for each in self.lines if each.key != UNIT)

    @property
    def all_done(self) -> bool:
        return all(each.signature for each in self.lines)

    def chosen(self, wanted: str) -> Signer | None:
        """Who signs now: the one asked for, else oneself, else the first one may take here."""
        waiting = [each for each in self.lines if each.signature is None and each.may]
        asked = next((each for each in waiting if each.key == wanted), None)
        own = next((each for each in waiting if each.is_own), None)
        return asked or own or next(iter(waiting), None)


def signers_of(task: InspectionTask, user: Actor) -> Signers:
    """The team and the unit; a signature under other content than the sheets have now is void."""
    given = list(task.signatures.select_related("collected_by").order_by("pk"))
    content = content_hash(task) if given else ""
    counts = [row for row in given if row.void_at is None and row.content_hash == content]
    by_member = {row.membership_id: row for row in counts if row.kind == SignerKind.TEAM}
    others = policies.may_take_for_others(user, task)
    lines = [
        Signer(
            str(member.membership_id),
            str(member.membership.user),
            member.get_role_display(),
            by_member.get(member.membership_id),
            own := member.membership.user_id == user.pk,
            policies.may_take_part(user, task) if own else others,
        )
        for member in task.team.all()
    ]
    unit = next((row for row in counts if row.kind == SignerKind.UNIT), None)
    label = f"{unit.name} {unit.position}" if unit else "被检查单位代表"
    lines.append(
        Signer(UNIT, label, str(task.subject), unit, is_own=False, may=policies.may_end(user, task))
    )
    return Signers(lines, [row for row in given if row not in counts])


def sign_form(
    task: InspectionTask, signer: Signer | None, sent: Mapping[str, str] | None = None
) -> SignForm | None:
    """What is asked of who signs now; nobody, nothing."""
    if signer is None:
        return None
    if signer.key != UNIT:
        return MemberSignForm(sent, own=signer.is_own)
    first = task.attendees.split("、")[0].split(" ")[0]
    return UnitSignerForm(sent, initial={"name": first})
