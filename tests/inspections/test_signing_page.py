"""The signing page: who may sign on whose device, and what is refused comes back as it was drawn."""

import base64
import json
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from inspections.enums import TaskState, TeamRole
from inspections.models import Signature
from metrostd.accounts.models import SignInCounter
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.inspections import STROKES, png

pytestmark = pytest.mark.django_db
PASSWORD = "示例-Signing-2021"
PICTURE = "data:image/png;base64," + base64.b64encode(png()).decode()


@pytest.fixture
def signing(visit):
    assessor = MembershipFactory(role="assessor", authority=visit.task.authority)
    visit.extra.append((assessor, TeamRole.ASSESSOR))
    for member, _ in visit.team:
        member.user.set_password(PASSWORD)
        member.user.save()
    return visit.to_signing()


def post(client, visit, route, /, **data):
    return client.post(reverse(f"inspections:{route}", args=[visit.task.pk]), data)


def sign(client, visit, who, /, **data):
    values = {
        "who": who if who == "unit" else who.pk,
        "client_id": uuid.uuid4(),
        "image": PICTURE,
        "image_strokes": json.dumps(STROKES),
    } | data
    return post(client, visit, "sign", **values)


def test_the_honest_way_takes_one_password_for_each_colleague(client, signing):
    sign_in(client, signing.leader)

    sign(client, signing, signing.leader)
    for colleague in (signing.officer, signing.extra[0][0]):
        assert sign(client, signing, colleague, password=PASSWORD).status_code == 302
    sign(client, signing, "unit", name="示例人", position="质量部主任")
    post(client, signing, "conclude")

    signing.task.refresh_from_db()
    assert signing.task.state == TaskState.CONCLUDED
    assert list(Signature.objects.order_by("pk").values_list("way", flat=True)) == [
        *("own", "password", "password", "taken")
    ]


def test_an_assessor_signs_for_nobody_else_and_ends_nothing(client, signing):
    assessor = signing.extra[0][0]
    sign_in(client, assessor)

    assert sign(client, signing, assessor).status_code == 302
    for who in (signing.leader, signing.officer):
        answer = sign(client, signing, who, password=PASSWORD)
        assert answer.status_code == 403
        assert "不能代他人签字" in answer.content.decode()
    unit = sign(client, signing, "unit", name="示例人", position="质量部主任")
    end = post(client, signing, "conclude")

    for answer in (unit, end):
        assert answer.status_code == 403
        assert "由组长或者执法人员办理" in answer.content.decode()
    assert Signature.objects.get().membership == assessor


def test_an_empty_picture_is_refused_with_a_sentence(client, signing):
    sign_in(client, signing.leader)

    answer = sign(client, signing, signing.leader, image_strokes="[]")

    assert answer.status_code == 422
    assert "没有收到签名，请在方框内签名。" in answer.content.decode()
    assert not Signature.objects.exists()


def test_a_wrong_password_is_counted_and_leaves_what_was_drawn(client, signing):
    sign_in(client, signing.leader)

    answer = sign(client, signing, signing.officer, password="falsch")
    page = answer.content.decode()

    assert answer.status_code == 422
    assert f"{signing.officer.user}的密码不正确" in page
    assert "[[[0.0, 85.0, 0]" in page
    assert f'name="who" value="{signing.officer.pk}"' in page
    name = signing.officer.user.username.casefold()
    assert set(SignInCounter.objects.filter(name=name).values_list("failures", flat=True)) == {1}


def test_after_too_many_wrong_passwords_the_right_one_has_to_wait(client, signing):
    sign_in(client, signing.leader)
    for _ in range(5):
        sign(client, signing, signing.officer, password="falsch")

    answer = sign(client, signing, signing.officer, password=PASSWORD)

    assert "输错次数过多" in answer.content.decode()
    assert not Signature.objects.exists()


def test_a_password_somebody_else_has_set_proves_nothing(client, signing):
    signing.officer.user.must_change_password = True
    signing.officer.user.save()
    sign_in(client, signing.leader)

    answer = sign(client, signing, signing.officer, password=PASSWORD)

    assert "请本人先登录修改密码" in answer.content.decode()
    assert not Signature.objects.exists()


def test_who_may_not_take_the_others_is_offered_their_own_alone(client, signing):
    url = reverse("inspections:signing", args=[signing.task.pk])
    sign_in(client, signing.extra[0][0])

    page = client.get(f"{url}?who={signing.leader.pk}").content.decode()

    assert f'name="who" value="{signing.extra[0][0].pk}"' in page
    assert 'name="password"' not in page
    assert "由其签字" not in page


def test_a_void_signature_is_shown_as_such(client, signing):
    signing.sign_team()
    signing.standard_sheet().answers.filter(item__code="A01").update(note="事后改动")
    sign_in(client, signing.leader)

    page = client.get(reverse("inspections:signing", args=[signing.task.pk])).content.decode()

    assert page.count("已失效") == 3
    assert f'name="who" value="{signing.leader.pk}"' in page


def test_a_refusal_takes_a_witness_or_evidence(client, signing):
    signing.sign_team()
    sign_in(client, signing.leader)

    bare = post(client, signing, "conclude", reason="负责人离场")
    shown = SimpleUploadedFile("离场.png", png(), content_type="image/png")
    taken = post(client, signing, "conclude", reason="负责人离场", evidence=shown)

    assert bare.status_code == 422
    assert "请填写见证人姓名" in bare.content.decode()
    assert "负责人离场" in bare.content.decode()
    assert taken.status_code == 302
    page = client.get(signing.task.get_absolute_url()).content.decode()
    url = reverse("inspections:refusal_evidence", args=[signing.task.pk])
    assert f'href="{url}"' in page
    assert b"".join(client.get(url)) == png()
