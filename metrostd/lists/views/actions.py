"""What can be done next with a list, with the verdict of the policy."""

from django.urls import reverse

from metrostd.common.actions import Action, possible
from metrostd.common.actors import Actor
from metrostd.lists.policies import imports as policies
from metrostd.registry.enums import ImportState
from metrostd.registry.models import ImportBatch


def of_list(user: Actor, batch: ImportBatch) -> list[Action]:
    """A committed list can be taken back; one that waits is committed or given up."""
    if batch.state == ImportState.COMMITTED:
        undo = Action(
            "撤回",
            reverse("lists:undo", args=[batch.pk]),
            policies.can_undo(user, batch),
            "note",
            tone="danger",
            confirm="新增的单位和计量标准将删除，变更的内容恢复原值。",
            icon="arrow-back-up",
            note_label="撤回理由",
        )
        return [undo]
    if not policies.can_reread(user, batch):
        return []
    discard = Action(
        "放弃",
        reverse("lists:discard", args=[batch.pk]),
        policies.can_discard(user, batch),
        confirm="放弃后这份名单不再入库，台账不受影响。确定放弃吗？",
    )
    commit = Action(
        "入库",
        reverse("lists:commit", args=[batch.pk]),
        policies.can_commit(user, batch),
        tone="primary",
        icon="database-import",
    )
    return [*possible(discard), commit]
