"""Without an account: saying it, the receipt, the code, limits, and asking to be forgotten."""

import datetime as dt
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from metrostd.common import bodies, clock
from metrostd.common.models import AuditEntry
from metrostd.complaints import codes, desks, flood, moves
from metrostd.complaints.enums import ComplaintState
from metrostd.complaints.models import Complaint, VisitorCount
from metrostd.registry.models import Authority
from tests.factories.accounts import MembershipFactory
from tests.factories.complaints import CONTACT, NAME, WORDS, ComplaintFactory
from tests.factories.registry import AuthorityFactory, UnitFactory

pytestmark = pytest.mark.django_db
NEW, FOLLOW = reverse("complaints_public:create"), reverse("complaints_public:follow")
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4"
    b"\x89\x00\x00\x00\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99=\x1d\x00\x00\x00\x00IEND\xaeB`\x82"
)


@pytest.fixture
def city():
    return AuthorityFactory(city=True)


@pytest.fixture
def bureau(city):
    return AuthorityFactory(code="120111", parent=city)


def said(**other):
    return {
        "kind": "tip_off",
        "target": "示例被反映单位",
        "content": WORDS,
        "name": NAME,
        "contact": CONTACT,
        "sent": str(uuid.uuid4()),
    } | other


def code_in(response):
    return response.context["code"]


def test_anybody_says_it_and_follows_it_with_the_code(client, bureau):
    receipt = client.post(NEW, said(office=bureau.pk))

    row = Complaint.objects.get()
    assert (row.authority, row.state, row.real_name) == (bureau, ComplaintState.RECEIVED, True)
    code = code_in(receipt)
    assert code in receipt.content.decode()
    shown = client.post(FOLLOW, {"code": code.lower().replace("-", " ")}).content.decode()
    assert row.number in shown
    assert WORDS not in shown  # the code shows what became of it, not who said what


def test_the_database_does_not_have_the_words_nor_the_code(client, bureau):
    code = code_in(client.post(NEW, said(office=bureau.pk)))

    row = Complaint.objects.values().get()
    kept = " ".join(map(str, row.values()))
    for secret in (WORDS, NAME, CONTACT, codes.read(code), code):
        assert secret not in kept


def test_the_trail_keeps_no_address_of_whoever_said_it(client, bureau):
    client.post(NEW, said(office=bureau.pk))

    assert set(AuditEntry.objects.values_list("address", "actor")) == {(None, None)}


def test_the_same_form_twice_is_one_matter_with_one_code(client, bureau):
    form = said(office=bureau.pk)

    first, second = (code_in(client.post(NEW, form)) for _ in range(2))

    assert first == second
    assert Complaint.objects.count() == 1


def test_a_unit_of_the_register_leads_to_its_district(client, city, bureau):
    unit = UnitFactory(territorial_authority=bureau)

    client.post(NEW, said(target=unit.name))
    client.post(NEW, said(target="台账里没有的单位"))

    assert set(Complaint.objects.values_list("authority", "unit")) == {
        (bureau.pk, unit.pk),
        (city.pk, None),
    }


def test_what_is_about_an_office_goes_above_it(client, city, bureau):
    client.post(NEW, said(target="", about_office=bureau.pk, office=bureau.pk))
    client.post(NEW, said(target="", about_office=city.pk))

    found = Complaint.objects.order_by("pk").values_list("authority", "by_discipline")
    assert list(found) == [(city.pk, False), (city.pk, True)]


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        ({"target": ""}, "target", "请填写被反映的单位，或者选择被反映的市场监管部门。"),
        ({"contact": ""}, "contact", "实名举报请同时留姓名和联系方式；匿名举报两项都不填。"),
        ({"kind": "complaint", "name": "", "contact": ""}, "name", "投诉须留姓名和联系方式"),
        ({"content": ""}, "content", "请填写“反映的内容”。"),
        ({"content": "字" * 5001}, "content", "“反映的内容”不能超过5000个字"),
    ],
)
def test_what_does_not_do_is_said_beside_its_field(client, city, changed, field, sentence):
    answer = client.post(NEW, said(**changed))

    assert answer.status_code == 422
    assert sentence in answer.context["form"].errors[field][0]
    assert (WORDS in answer.content.decode()) == (
        "content" not in changed
    )  # what was typed is there
    assert not Complaint.objects.exists()


def test_attachments_are_checked_and_sealed(client, city):
    picture = SimpleUploadedFile("照片.png", PNG)
    refused = client.post(NEW, said(attachments=[SimpleUploadedFile("a.exe", b"MZ" + b"\0" * 99)]))
    many = client.post(
        NEW, said(attachments=[SimpleUploadedFile(f"{n}.png", PNG) for n in range(6)])
    )
    taken = client.post(NEW, said(attachments=[picture]))

    assert "只接受" in refused.context["form"].errors["attachments"][0]
    assert "最多附 5 个文件，您选了 6 个" in many.context["form"].errors["attachments"][0]
    assert taken.status_code == 200
    file = Complaint.objects.get().files.get()
    assert file.name == "照片.png"
    with file.content.open("rb") as kept:
        assert PNG not in kept.read()
    assert "照片" not in str(file.__dict__)


def test_a_large_video_is_refused_with_a_sentence_and_nothing_else_is_let_in(
    client, city, monkeypatch
):
    monkeypatch.setattr(bodies, "ANONYMOUS_BYTES", 10)
    video = SimpleUploadedFile("现场.mp4", b"x" * 100)
    client.post(NEW, said(attachments=[video]))  # as much as this page takes
    huge = {"CONTENT_LENGTH": str(60 << 20)}

    too_large = client.post(NEW, said(), **huge)
    elsewhere = client.post(reverse("accounts:sign_in"), {"username": "x" * 40})

    assert too_large.status_code == 413
    assert "超过 54 MB，没有收到" in too_large.content.decode()
    assert "您填写的文字还在" in too_large.content.decode()
    assert elsewhere.status_code == 413


def test_all_visitors_of_one_place_send_so_much_a_day(client, city, monkeypatch):
    monkeypatch.setattr(bodies, "ANONYMOUS_BYTES", 10)
    monkeypatch.setattr(bodies, "VISITORS_BYTES", 1500)

    answers = [client.post(NEW, said()).status_code for _ in range(3)]

    assert answers[0] == 200
    assert answers[-1] == 429


def test_a_hundred_a_minute_are_answered_with_a_sentence(client, city):
    answers = [client.post(NEW, said()) for _ in range(8)]

    assert [a.status_code for a in answers] == [200] * 6 + [429] * 2
    assert "您填写的内容还没有收到" in answers[-1].content.decode()
    assert WORDS in answers[-1].content.decode()  # what was typed is still there
    assert Complaint.objects.count() == 6
    elsewhere = client.post(NEW, said(), REMOTE_ADDR="192.0.2.9")
    assert elsewhere.status_code == 200


def test_after_an_hour_one_may_again(client, city):
    now = clock.now()
    with clock.pinned(now):
        for _ in range(6):
            client.post(NEW, said())
    with clock.pinned(now + dt.timedelta(hours=1)):
        assert client.post(NEW, said()).status_code == 200


def test_codes_are_not_guessed(client):
    row = ComplaintFactory(sent=(sent := uuid.uuid4()))
    wrong = [client.post(FOLLOW, {"code": f"ABCDFGHJKLMNP{n}"}) for n in range(10, 21)]

    assert {a.status_code for a in wrong[:10]} == {422}
    assert wrong[10].status_code == 429
    assert "请一小时以后再试" in wrong[10].content.decode()
    right = client.post(FOLLOW, {"code": codes.code_of(sent)})
    assert row.number not in right.content.decode()  # too late for this place
    other = client.post(FOLLOW, {"code": codes.code_of(sent)}, REMOTE_ADDR="192.0.2.9")
    assert row.number in other.content.decode()


def test_the_right_code_is_never_too_often(client):
    ComplaintFactory(sent=(sent := uuid.uuid4()))

    answers = {client.post(FOLLOW, {"code": codes.code_of(sent)}).status_code for _ in range(15)}

    assert answers == {200}


def test_visitors_are_kept_as_digests_and_forgotten_after_a_day(client, city):
    client.post(NEW, said())
    kept = VisitorCount.objects.exclude(place=flood.ALL).get()

    assert "127.0.0.1" not in kept.place
    with clock.pinned(clock.now() + dt.timedelta(days=2)):
        flood.SENDING.count("192.0.2.9")
    assert not VisitorCount.objects.filter(pk=kept.pk).exists()


def test_who_asks_to_be_forgotten_is(client):
    row = ComplaintFactory(
        sent=(sent := uuid.uuid4()), state=ComplaintState.ANSWERED, decided_at=clock.now()
    )
    moves.duties.assign(
        None, kind=moves.DutyKind.COMPLAINT_NOTICE, title="t", due_on=clock.today(), target=row,
        authority=row.authority,
    )  # fmt: skip

    answer = client.post(reverse("complaints_public:forget"), {"code": codes.code_of(sent)})

    row.refresh_from_db()
    assert "已删除您的姓名和联系方式" in answer.content.decode()
    assert (row.sealed_name, row.sealed_contact) == ("", "")
    assert row.content == WORDS  # the office still works on it
    assert not moves.duties.is_owed(row, kind=moves.DutyKind.COMPLAINT_NOTICE)
    entry = AuditEntry.objects.about(row).first()
    assert (entry.action, entry.actor, entry.address) == ("complaint.forget", None, None)

    office = MembershipFactory(authority=row.authority).user
    moves.close(row, actor=office)
    row.refresh_from_db()
    assert row.sealed_content == ""
    assert row.number


def test_a_wrong_code_forgets_nobody(client):
    row = ComplaintFactory()

    assert client.post(reverse("complaints_public:forget"), {"code": "ABCD"}).status_code == 422
    row.refresh_from_db()
    assert row.sealed_name


def test_channels_are_published_and_hang_on_a_wall_with_a_qr_code(client, bureau):
    actor = MembershipFactory(authority=bureau).user
    words = {"phone": "022-12345", "address": "示例路1号", "hours": "工作日", "mail": ""}
    desks.publish(bureau, words, base_version=0, actor=actor)

    index = client.get(reverse("complaints_public:index")).content.decode()
    poster = client.get(reverse("complaints_public:poster", args=[bureau.code])).content.decode()

    assert "022-12345" in index
    assert "示例路1号" in poster
    assert f"/complaints/new/?to={bureau.code}" in poster
    assert "data:image/svg+xml" in poster
    form = client.get(NEW, {"to": bureau.code}).context["form"]
    assert form["office"].value() == bureau.pk


def test_an_unknown_office_in_the_address_is_nobody(client, city):
    assert client.get(NEW, {"to": "x"}).status_code == 200
    assert Authority.objects.count() == 1
