"""Signatures: a picture, the hash of what was signed, once each."""

import base64
import uuid

import pytest
from django.core.exceptions import ValidationError

from inspections import signatures
from inspections.completeness import content_hash
from inspections.enums import SignerKind
from inspections.models import Signature
from metrostd.common.transitions import TransitionError
from tests.factories.accounts import MembershipFactory
from tests.factories.inspections import png

from .story import make_visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def signing(visit):
    return visit.to_signing()


def sign(visit, **changes):
    values = {
        "actor": visit.leader.user,
        "kind": SignerKind.TEAM,
        "name": "示例甲",
        "image": png(),
        "client_id": uuid.uuid4(),
        "membership": visit.leader,
    } | changes
    return signatures.sign(visit.task, **values)


def test_a_signature_carries_the_hash_of_what_was_signed(signing):
    signature = sign(signing)

    assert signature.content_hash == content_hash(signing.task)
    assert signature.image.media_type == "image/png"


def test_the_pads_data_url_is_taken(signing):
    url = "data:image/png;base64," + base64.b64encode(png("black")).decode()

    assert sign(signing, image=url).image.size == len(png("black"))


@pytest.mark.parametrize(
    "image",
    [
        "",
        "data:image/svg+xml;base64,PHN2Zz4=",
        "data:image/png;base64,not base64!",
        "data:image/png;base64," + base64.b64encode(b"no picture").decode(),
        b"\xff\xd8\xff\xe0 jpeg",
        png() + b"x" * 1024 * 1024,
    ],
    ids=["empty", "svg", "broken", "text", "jpeg", "huge"],
)
def test_what_is_no_png_is_refused(signing, image):
    with pytest.raises(ValidationError) as error:
        sign(signing, image=image)

    assert list(error.value.message_dict) == ["image"]
    assert not Signature.objects.exists()


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


@pytest.mark.parametrize(
    ("changes", "field"), [({"name": " "}, "name"), ({"position": ""}, "position")]
)
def test_the_units_representative_gives_name_and_position(signing, changes, field):
    values = {"kind": SignerKind.UNIT, "membership": None, "position": "质量部主任"} | changes

    with pytest.raises(ValidationError) as error:
        sign(signing, **values)

    assert list(error.value.message_dict) == [field]


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
