"""Signatures: by whom they say they are, the hash of what was signed, once each."""

import json
import uuid

import pytest
from django.core.exceptions import ValidationError

from inspections import documents, signatures
from inspections.enums import TeamRole
from inspections.models import Signature
from inspections.signed_content import content_hash
from metrostd.accounts.confirming import Confirmed
from metrostd.common.transitions import TransitionError
from tests.factories.accounts import MembershipFactory
from tests.factories.inspections import hand

from .story import make_visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def signing(visit):
    return visit.to_signing()


def sign(visit, **changes):
    values = {
        "actor": visit.leader.user,
        "membership": visit.leader,
        "hand": hand(),
        "client_id": uuid.uuid4(),
    } | changes
    return signatures.sign(visit.task, **values)


def sign_for_unit(visit, **changes):
    values = {
        "actor": visit.leader.user,
        "name": "示例人",
        "position": "质量部主任",
        "hand": hand("blue"),
        "client_id": uuid.uuid4(),
    } | changes
    return signatures.sign_for_unit(visit.task, **values)


def test_a_signature_carries_picture_strokes_and_the_hash_of_what_was_signed(signing):
    signature = sign(signing)
    signature.refresh_from_db()

    assert signature.content_hash == content_hash(signing.task)
    assert signature.image.media_type == "image/png"
    assert signature.strokes == json.loads(json.dumps(hand().strokes))


def test_who_collected_it_and_how_is_kept_and_printed(signing):
    officer, leader = signing.officer, signing.leader
    sign(signing)
    sign(signing, membership=officer, confirmed=Confirmed(officer.user_id))
    sign_for_unit(signing, actor=officer.user)

    record = documents.record_of(signing.task)

    assert [row.how for row in record.signatures] == [
        "本人登录签字",
        f"在组长{leader.user}的设备上凭本人密码签字",
        f"当场签字，由{officer.user}收取",
    ]
    rows = Signature.objects.order_by("pk").values_list("collected_by", flat=True)
    assert list(rows) == [leader.user_id, leader.user_id, officer.user_id]


def test_nobody_signs_for_a_colleague_who_did_not_prove_who_they_are(signing):
    for confirmed in (None, Confirmed(signing.leader.user_id)):
        with pytest.raises(ValidationError, match=f"不能代{signing.officer.user}签字"):
            sign(signing, membership=signing.officer, confirmed=confirmed)


def test_a_colleagues_device_is_the_leaders_alone(signing):
    with pytest.raises(ValidationError, match="只有在组长的设备上"):
        sign(signing, actor=signing.officer.user, confirmed=Confirmed(signing.leader.user_id))


def test_the_units_signature_is_taken_by_leader_or_officer(visit):
    assessor = MembershipFactory(role="assessor", authority=visit.task.authority)
    visit.extra.append((assessor, TeamRole.ASSESSOR))
    visit.to_signing()

    with pytest.raises(ValidationError, match="由组长或者执法人员办理"):
        sign_for_unit(visit, actor=assessor.user)
    assert sign_for_unit(visit, actor=visit.officer.user).name == "示例人"


def test_the_same_signature_sent_twice_is_one(signing):
    client_id = uuid.uuid4()

    assert sign(signing, client_id=client_id) == sign(signing, client_id=client_id)


def test_nobody_signs_twice(signing):
    sign(signing)

    with pytest.raises(ValidationError, match="已经签过字"):
        sign(signing)


def test_only_members_of_the_team_sign_for_it(signing):
    stranger = MembershipFactory(role="district_inspector", authority=signing.task.authority)

    with pytest.raises(ValidationError, match="不在检查组内"):
        sign(signing, membership=stranger)


@pytest.mark.parametrize("field", ["name", "position"])
def test_the_units_representative_gives_name_and_position(signing, field):
    with pytest.raises(ValidationError) as error:
        sign_for_unit(signing, **{field: " "})

    assert list(error.value.message_dict) == [field]


def test_a_signature_under_content_that_changed_is_void_and_given_anew(signing):
    old = sign(signing)
    signing.standard_sheet().answers.filter(item__code="A01").update(note="事后改动")

    sign(signing, membership=signing.officer, actor=signing.officer.user)
    sign(signing)

    old.refresh_from_db()
    assert old.void_at is not None
    assert signing.task.signatures.filter(void_at=None).count() == 2


def test_signatures_are_taken_only_while_signing():
    visit = make_visit().assign().start()

    with pytest.raises(TransitionError, match="检查中"):
        sign(visit)


def test_the_hash_changes_with_every_part_of_the_content(visit):
    visit.assign().start()
    seen = {content_hash(visit.task)}
    answer = visit.answer("D02", "deficient", "事实记录")
    seen.add(content_hash(visit.task))
    visit.prove(answer)
    seen.add(content_hash(visit.task))
    visit.standard_sheet()
    visit.task.sheets.update(conclusion="deficient")
    seen.add(content_hash(visit.task))

    assert len(seen) == 4
