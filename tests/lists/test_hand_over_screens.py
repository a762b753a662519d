"""名单签收 on the screens of the district and of the municipal office."""

import datetime as dt

import pytest
from django.urls import reverse

from metrostd.common import clock
from metrostd.common.models import AccessEntry
from metrostd.common.roles import Role
from metrostd.common.templatetags.formats import cn_date
from metrostd.lists.services import hand_overs, returns
from metrostd.notifications.models import Message
from metrostd.registry.models import HandOver, HandOverReturn
from tests.e2e.pages import words_of
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.hand_overs import (
    BatchFactory,
    HandedRowFactory,
    HandOverFactory,
    ReturnFactory,
)
from tests.factories.lists import row, sheet
from tests.factories.registry import AuthorityFactory, StandardFactory
from tests.printing import pages_of
from tests.queries import cost_of

pytestmark = pytest.mark.django_db

TODAY = dt.date(2021, 4, 26)


@pytest.fixture(autouse=True)
def _today():
    with clock.pinned(clock.at_time(TODAY)):
        yield


def url(name, obj):
    return reverse(f"lists:{name}", args=[obj.pk])


def as_district(client, authority):
    return sign_in(client, MembershipFactory(role=Role.DISTRICT_ADMIN, authority=authority))


def as_city(client):
    city = AuthorityFactory(level="city")
    return sign_in(client, MembershipFactory(role=Role.CITY_ADMIN, authority=city))


def acknowledge(client, hand_over, accepted, returned):
    return client.post(
        url("hand_over_acknowledge", hand_over), {"accepted": accepted, "returned": returned}
    )


# The district ------------------------------------------------------------------------------------


def test_the_district_marks_a_row_and_acknowledges_the_rest(client):
    hand_over = HandOverFactory()
    rows = HandedRowFactory.create_batch(3, hand_over=hand_over)
    district = as_district(client, hand_over.authority)
    page = district.get(hand_over.get_absolute_url())
    assert page.context["acknowledge_label"] == "签收 3 行"

    marked = district.post(
        url("hand_over_return", hand_over) + "?q=示例",
        {"rows": [rows[0].pk], "reason": "ended", "words": ""},
    )
    assert marked.url == hand_over.get_absolute_url() + "?q=%E7%A4%BA%E4%BE%8B"
    page = district.get(hand_over.get_absolute_url())
    assert page.context["acknowledge_label"] == "签收 2 行，退回 1 行"
    assert acknowledge(district, hand_over, 2, 1).status_code == 302

    hand_over.refresh_from_db()
    assert hand_over.state == "acknowledged"
    page = district.get(hand_over.get_absolute_url()).content.decode()
    assert "签收回执" in page
    assert "单位已注销" in page


def test_a_reason_that_is_missing_comes_back_with_the_ticks(client):
    row = HandedRowFactory()
    district = as_district(client, row.hand_over.authority)

    page = district.post(url("hand_over_return", row.hand_over), {"rows": [row.pk]})
    also = district.post(
        url("hand_over_return", row.hand_over),
        {"rows": [row.pk], "reason": "wrong", "words": "x" * 301},
    )

    assert (page.status_code, also.status_code) == (422, 422)
    assert page.context["ticked"] == {row.pk}
    assert f'value="{row.pk}"' in page.content.decode()
    assert "checked" in page.content.decode()
    assert not HandOverReturn.objects.exists()


def test_a_row_leads_only_to_what_the_district_may_see(client):
    row = HandedRowFactory()
    returned = ReturnFactory(row=row, hand_over=row.hand_over)
    district = as_district(client, row.hand_over.authority)
    addresses = [row.unit.get_absolute_url(), row.standard.get_absolute_url()]
    for page in (row.hand_over, returned):
        before = district.get(page.get_absolute_url()).content.decode()
        assert all(f'href="{address}"' in before for address in addresses)

    # The office places the unit with another district.
    row.unit.territorial_authority = AuthorityFactory()
    row.unit.save()

    for page in (row.hand_over, returned):
        after = district.get(page.get_absolute_url()).content.decode()
        assert row.unit.name in after
        for address in addresses:
            assert f'href="{address}"' not in after
            assert district.get(address).status_code == 404


def test_rows_are_found_by_unit_standard_and_number(client):
    hand_over = HandOverFactory()
    row, _ = HandedRowFactory.create_batch(2, hand_over=hand_over)
    district = as_district(client, hand_over.authority)
    certificate = row.standard.certificates.get()

    for words in (row.unit.name, row.standard.name, certificate.number):
        page = district.get(hand_over.get_absolute_url(), {"q": words})
        assert [line.row for line in page.context["lines"]] == [row]


def test_the_row_says_when_list_and_register_disagree(client):
    other = AuthorityFactory()
    row = HandedRowFactory(derived={"district": other.code})
    row.unit.territorial_authority = None
    row.unit.save()
    district = as_district(client, row.hand_over.authority)

    (line,) = district.get(row.hand_over.get_absolute_url()).context["lines"]

    assert line.differs == f"名单所列属地是{other}，台账中属地未定"


def test_institutions_are_confirmed_on_the_page(client):
    hand_over = HandOverFactory()
    first, _ = HandedRowFactory.create_batch(
        2, hand_over=hand_over, standard__category="inst_highest"
    )
    district = as_district(client, hand_over.authority)
    page = district.get(hand_over.get_absolute_url())
    assert (
        page.context["acknowledge_verdict"].reason
        == "还有 2 行事业单位计量标准没有确认，请先逐行确认或退回。"
    )
    assert "待区局确认" in page.content.decode()
    assert acknowledge(district, hand_over, 2, 0).status_code == 422

    district.post(url("hand_over_confirm", hand_over), {"rows": [first.pk]})
    assert hand_over.rows.unconfirmed().count() == 1
    district.post(url("hand_over_confirm", hand_over), {"all": "1"})

    assert district.get(hand_over.get_absolute_url()).context["acknowledge_verdict"]


def test_a_second_press_is_stale(client):
    hand_over = HandOverFactory()
    district = as_district(client, hand_over.authority)
    acknowledge(district, hand_over, 0, 0)

    assert acknowledge(district, hand_over, 0, 0).status_code == 409


def test_the_receipt_says_what_was_taken_and_what_went_back(client):
    hand_over = HandOverFactory()
    kept, back = HandedRowFactory.create_batch(2, hand_over=hand_over)
    district = as_district(client, hand_over.authority)
    assert district.get(url("hand_over_receipt", hand_over)).status_code == 403
    returns.return_rows(hand_over, [back.pk], reason="wrong", words="编号有误", actor=None)
    acknowledge(district, hand_over, 1, 1)

    words = words_of(pages_of(district, url("hand_over_receipt", hand_over)))
    assert "名单签收〔2021〕1号" in words
    assert kept.unit.name in words
    assert "信息有误：编号有误" in words
    for entry in AccessEntry.objects.filter(kind="export"):
        assert "市监名单签收〔2021〕1号" in entry.what


def test_the_export_holds_the_rows_of_the_page(client):
    hand_over = HandOverFactory()
    HandedRowFactory.create_batch(2, hand_over=hand_over)
    district = as_district(client, hand_over.authority)

    answer = district.post(url("hand_over_export", hand_over))

    assert answer.status_code == 200
    assert AccessEntry.objects.get().kind == "export"


def test_answers_wait_on_the_list_and_are_taken_there(client):
    one = ReturnFactory()
    returns.answer(one, decision="kept", words="仍在本区", actor=None)
    district = as_district(client, one.hand_over.authority)
    index = district.get(reverse("lists:hand_overs"))
    assert index.context["answered"] == [one]
    assert "仍在本区" in index.content.decode()

    district.post(url("returned_accept", one))

    one.refresh_from_db()
    assert one.state == "resolved"
    assert district.post(url("returned_accept", one)).status_code == 409


def test_a_slip_is_taken_back(client):
    one = ReturnFactory()
    district = as_district(client, one.hand_over.authority)
    assert district.get(one.get_absolute_url()).context["take_back_verdict"]

    district.post(url("returned_take_back", one))

    one.refresh_from_db()
    assert one.state == "withdrawn"


# Who sees and does what --------------------------------------------------------------------------

OF_HAND_OVER = (
    "hand_over",
    "hand_over_return",
    "hand_over_confirm",
    "hand_over_acknowledge",
    "hand_over_receipt",
    "hand_over_export",
)
OF_RETURN = (
    "returned",
    "returned_decide",
    "returned_take_back",
    "returned_accept",
    "returned_insist",
)


def asked(client, address):
    answer = client.get(address)
    return client.post(address) if answer.status_code == 405 else answer


@pytest.mark.parametrize("name", [*OF_HAND_OVER, *OF_RETURN])
def test_another_district_and_the_unit_itself_find_nothing(client, name):
    one = ReturnFactory()
    address = url(name, one if name in OF_RETURN else one.hand_over)

    for stranger in (
        MembershipFactory(role=Role.DISTRICT_ADMIN),
        MembershipFactory(as_unit=True, unit=one.row.unit),
    ):
        assert asked(sign_in(client, stranger), address).status_code == 404


def test_rows_of_another_district_cannot_be_marked(client):
    mine, theirs = HandedRowFactory(), HandedRowFactory()
    district = as_district(client, mine.hand_over.authority)

    answer = district.post(
        url("hand_over_return", mine.hand_over), {"rows": [theirs.pk], "reason": "ended"}
    )

    assert answer.status_code == 422
    assert not HandOverReturn.objects.exists()


def test_each_side_does_its_own_part(client):
    one = ReturnFactory()
    city = as_city(client)
    assert city.get(one.hand_over.get_absolute_url()).status_code == 200
    for name in ("hand_over_return", "hand_over_confirm", "hand_over_acknowledge"):
        assert city.post(url(name, one.hand_over)).status_code == 403
    assert city.post(url("returned_accept", one)).status_code == 403

    approver = MembershipFactory(role=Role.DISTRICT_APPROVER, authority=one.hand_over.authority)
    reader = sign_in(client, approver)
    assert reader.get(one.hand_over.get_absolute_url()).status_code == 200
    assert reader.post(url("hand_over_acknowledge", one.hand_over)).status_code == 403
    assert as_district(client, one.hand_over.authority).post(
        url("returned_decide", one)
    ).status_code == 403  # fmt: skip


def test_what_is_only_marked_is_the_districts_own_business(client):
    one = ReturnFactory(state="draft")

    assert as_city(client).get(one.get_absolute_url()).status_code == 404


def test_a_unit_is_not_shown_the_list(client):
    one = HandedRowFactory()
    member = MembershipFactory(as_unit=True, unit=one.unit)

    assert sign_in(client, member).get(reverse("lists:hand_overs")).status_code == 403
    assert "移交区局" not in client.get(one.unit.get_absolute_url()).content.decode()


# The municipal office ----------------------------------------------------------------------------


def test_the_office_sees_who_has_not_by_name(client):
    batch = BatchFactory()
    late = HandOverFactory(batch=batch, due_on=dt.date(2021, 4, 23))
    HandOverFactory(batch=batch, acknowledged=True)
    city = as_city(client)

    (progress,) = city.get(reverse("lists:hand_overs")).context["lists"]
    page = city.get(reverse("lists:hand_overs_of_list", args=[batch.pk])).content.decode()

    assert (progress.acknowledged, progress.total, progress.late) == (1, 2, [late])
    assert str(late.authority) in page
    assert "逾期 3 天" in page


def test_the_office_reminds_those_ticked_in_its_own_words(client):
    first = HandOverFactory()
    second = HandOverFactory(batch=first.batch)
    members = [MembershipFactory(authority=each.authority) for each in (first, second)]
    city = as_city(client)

    nothing = city.post(url("remind", first.batch))
    city.post(url("remind", first.batch), {"row": [first.pk], "text": "明天要开会"})
    page = city.get(reverse("lists:hand_overs_of_list", args=[first.batch.pk]))

    assert (nothing.status_code, "请先勾选" in nothing.content.decode()) == (422, True)
    [told] = Message.objects.all()
    assert (told.membership, "明天要开会" in told.body) == (members[0], True)
    assert page.context["remind_verdict"]
    city.post(url("remind", first.batch), {"all": "1"})
    assert list(Message.objects.order_by("pk").values_list("membership", flat=True)) == [
        member.pk for member in members
    ]


def test_the_office_reminds_once_a_day_and_sets_another_day(client):
    waiting = HandOverFactory()
    MembershipFactory(authority=waiting.authority)
    city = as_city(client)
    page = reverse("lists:hand_overs_of_list", args=[waiting.batch.pk])

    assert city.post(url("remind", waiting.batch), {"all": "1"}).url == page
    assert city.get(page).context["remind_verdict"].reason == "今天已经催办过，每天最多一次。"
    city.post(url("reschedule", waiting.batch), {"due_on": "2021-06-01"})
    early = city.post(url("reschedule", waiting.batch), {"due_on": "2021-01-01"})
    empty = city.post(url("reschedule", waiting.batch), {"due_on": ""})

    waiting.refresh_from_db()
    assert waiting.due_on == dt.date(2021, 6, 1)
    assert f"{cn_date(TODAY)}催办" in city.get(page).content.decode()
    assert (early.status_code, empty.status_code) == (422, 422)
    assert "不能早于今天" in early.content.decode()


def test_the_office_passes_a_unit_on(client):
    one = ReturnFactory(reason="moved", district=AuthorityFactory())
    city = as_city(client)
    assert "处理这一行" in city.get(one.get_absolute_url()).content.decode()

    answer = city.post(
        url("returned_decide", one),
        {"decision": "moved", "district": one.district_id, "answer": ""},
    )

    assert answer.url == one.get_absolute_url()
    assert HandOver.objects.get(authority=one.district).rows.get() == one.row
    assert (
        city.post(url("returned_decide", one), {"decision": "kept", "answer": "示例"}).status_code
        == 409
    )


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "decision"),
        ({"decision": "moved"}, "district"),
        ({"decision": "kept", "answer": " "}, "answer"),
    ],
)
def test_a_decision_that_says_too_little_comes_back(client, given, field):
    one = ReturnFactory()

    page = as_city(client).post(url("returned_decide", one), given)

    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]


def test_the_office_places_a_unit_without_district(client, commit, xiqing):
    batch = commit(sheet(row(1, 所属区="", 单位地址="天津市示例路2号")))
    city = as_city(client)
    page = city.get(reverse("lists:hand_overs_of_list", args=[batch.pk]))
    (waiting,) = page.context["homeless"]
    index = city.get(reverse("lists:hand_overs"))
    assert [p.homeless for p in index.context["lists"]] == [1]

    city.post(url("assign", batch), {"row": waiting.pk, "district": xiqing.pk})
    nonsense = city.post(url("assign", batch), {"row": waiting.pk})

    assert batch.hand_overs.get().authority == xiqing
    assert nonsense.status_code == 422


def test_the_import_page_says_how_far_the_districts_are(client, commit):
    batch = commit(sheet(row(1)))
    city = as_city(client)

    page = city.get(batch.get_absolute_url())

    assert page.context["hand_over"].total == 1
    assert "移交区局" in page.content.decode()


# On the pages of the register --------------------------------------------------------------------


def test_an_institutions_standard_says_that_no_district_has_confirmed_it(client):
    row = HandedRowFactory(standard__category="inst_highest")
    city = as_city(client)
    assert "待区局确认" in city.get(row.standard.get_absolute_url()).content.decode()
    assert "待区局确认" in city.get(row.unit.get_absolute_url()).content.decode()

    hand_overs.confirm_rows(row.hand_over, None, actor=None)

    assert "待区局确认" not in city.get(row.standard.get_absolute_url()).content.decode()


def test_a_unit_has_one_line_for_each_list_with_what_comes_back_below_it(client):
    one = ReturnFactory()
    standards = StandardFactory.create_batch(2, unit=one.row.unit)
    for standard in standards:
        HandedRowFactory(hand_over=one.hand_over, standard=standard)
    HandedRowFactory(hand_over=one.hand_over)

    page = as_city(client).get(one.row.unit.get_absolute_url()).content.decode()

    assert page.count(f'href="{one.hand_over.get_absolute_url()}"') == 1
    assert "3 项计量标准" in page
    assert page.count(f'href="{one.get_absolute_url()}"') == 1
    assert one.reason_words in page


# The menu ----------------------------------------------------------------------------------------


def menu_count(client):
    frame = client.get(reverse("lists:hand_overs")).context["frame"]
    return next(i.count for s in frame.menu for i in s.items if i.label == "名单签收")


def test_the_menu_counts_what_waits_for_each(client):
    one = ReturnFactory()
    HandOverFactory(authority=one.hand_over.authority)
    HandOverFactory()

    assert menu_count(as_city(client)) == 1
    assert menu_count(as_district(client, one.hand_over.authority)) == 1
    returns.answer(one, decision="kept", words="示例", actor=None)
    assert menu_count(client) == 2
    assert menu_count(as_city(client)) == 0


# Cost --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 4])
def test_pages_cost_the_same_for_many_rows(client, rows):
    batch = BatchFactory()
    hand_over = HandOverFactory(batch=batch)
    for _ in range(rows):
        HandedRowFactory(hand_over=hand_over)
        ReturnFactory(row__hand_over=hand_over, state="answered", decision="kept", answer="示例")
        HandOverFactory(authority=hand_over.authority)
        HandOverFactory(batch=batch)
    district = as_district(client, hand_over.authority)
    of_district = [
        cost_of(district, address)
        for address in (reverse("lists:hand_overs"), hand_over.get_absolute_url())
    ]
    city = as_city(client)
    of_list = reverse("lists:hand_overs_of_list", args=[batch.pk])

    assert of_district == [10, 19]
    assert [cost_of(city, a) for a in (reverse("lists:hand_overs"), of_list)] == [12, 14]
