"""How the errors of the domain are answered, to people and to the pages' own scripts."""

import pytest
from django.urls import reverse

from metrostd.common import audit
from tests.factories.accounts import MembershipFactory, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.common.urls_for_tests")]

SCRIPT = {"X-Requested-With": "autosave"}
HTMX = {"HX-Request": "true"}


@pytest.fixture
def client(client):
    return sign_in(client, MembershipFactory())


def test_a_wrong_state_is_409_with_the_reason_and_the_way_to_the_record(client):
    response = client.post("/wrong-state/")

    page = response.content.decode()
    assert response.status_code == 409
    assert "“示例专项行动”目前是“进行中”，不能“开启”。" in page
    assert f'href="{reverse("campaigns:detail", args=[7])}"' in page


def test_a_wrong_state_without_a_record_leads_to_the_desk(client):
    response = client.post("/wrong-state-of-nothing/")

    assert response.status_code == 409
    assert "查看最新情况</a>" not in response.content.decode()


def test_htmx_gets_a_short_alert(client):
    response = client.post("/wrong-state/", headers=HTMX)

    assert response.status_code == 409
    assert "目前是“进行中”，不能" in response.content.decode()
    assert "<html" not in response.content.decode()


def test_a_stale_save_gives_the_script_both_values(client):
    response = client.post("/stale/", headers=SCRIPT)

    assert response.status_code == 409
    assert response.json() == {"yours": "conform", "theirs": "nonconform"}


def test_a_stale_save_gives_a_person_the_sentence(client):
    response = client.post("/stale/")

    assert response.status_code == 409
    assert "这一项刚刚被他人修改。" in response.content.decode()


def test_a_wrong_state_tells_the_script_why(client):
    response = client.post("/wrong-state-of-nothing/", headers=SCRIPT)

    assert response.status_code == 409
    assert response.json() == {"errors": {"__all__": ["这条记录已经不在了。"]}}


def test_a_broken_rule_is_422_with_every_sentence(client):
    response = client.post("/broken-rule/")

    assert response.status_code == 422
    for sentence in ("“不符合”需要说明。", "请选择结论。"):
        assert sentence in response.content.decode()
    assert client.post("/broken-rule/", headers=SCRIPT).json() == {
        "errors": {"__all__": ["“不符合”需要说明。", "请选择结论。"]}
    }


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_refusal_is_403_with_the_reason(client, headers):
    response = client.post("/refused/", headers=headers)

    assert response.status_code == 403
    assert "只有检查组长可以提交检查结论。" in response.content.decode()


def test_a_refusal_tells_the_script_why(client):
    response = client.post("/refused/", headers=SCRIPT)

    assert response.status_code == 403
    assert response.json() == {"errors": {"__all__": ["只有检查组长可以提交检查结论。"]}}


def test_a_refusal_without_a_reason_still_has_words(client):
    assert "当前身份没有这项权限。" in client.post("/refused-without-reason/").content.decode()


def test_a_fault_is_a_plain_500(client):
    client.raise_request_exception = False

    response = client.post("/fault/")

    assert response.status_code == 500
    assert "系统出错了" in response.content.decode()


class TestAddress:
    def ask(self, client, peer="192.0.2.9", **headers):
        return client.get("/address/", REMOTE_ADDR=peer, headers=headers).content.decode()

    def test_without_proxies_the_peer_counts_whatever_the_request_claims(self, client):
        assert self.ask(client) == "192.0.2.9"
        assert self.ask(client, **{"X-Forwarded-For": "198.51.100.1"}) == "192.0.2.9"

    def test_behind_one_proxy_its_entry_counts_and_not_the_clients(self, client, settings):
        settings.TRUSTED_PROXIES = 1

        assert self.ask(client, **{"X-Forwarded-For": "198.51.100.1"}) == "198.51.100.1"
        assert self.ask(client, **{"X-Forwarded-For": "10.9.9.9, 198.51.100.1"}) == "198.51.100.1"
        assert self.ask(client, **{"X-Forwarded-For": "2001:db8::1"}) == "2001:db8::1"

    def test_behind_two_proxies_the_outer_ones_entry_counts(self, client, settings):
        settings.TRUSTED_PROXIES = 2

        assert (
            self.ask(client, **{"X-Forwarded-For": "x, 198.51.100.1, 10.0.0.2"}) == "198.51.100.1"
        )
        assert self.ask(client, **{"X-Forwarded-For": "198.51.100.1"}) == "192.0.2.9"

    def test_what_is_no_address_is_none(self, client, settings):
        settings.TRUSTED_PROXIES = 1

        assert self.ask(client, **{"X-Forwarded-For": "'; drop table"}) == "none"
        assert self.ask(client, peer="") == "none"

    def test_one_of_ipv4_is_the_same_however_the_socket_writes_it(self, client):
        assert self.ask(client, peer="::ffff:192.0.2.9") == "192.0.2.9"
        assert self.ask(client, peer="::FFFF:C000:0209") == "192.0.2.9"

    def test_after_the_request_nobody_is_asking(self, client):
        self.ask(client)

        assert audit.origin.get() is None


@pytest.mark.parametrize("name", ["q", "\0"])
def test_a_nul_is_refused_before_it_reaches_the_database(client, name):
    given = {name: "王\0示一"}

    assert client.get(reverse("registry:units"), given).status_code == 400
    assert client.post("/broken-rule/", given).status_code == 400


def test_pages_are_not_kept_by_the_browser(client):
    assert client.post("/wrong-state/").headers["Cache-Control"] == "private, no-store"


@pytest.mark.urls("metrostd.urls")
@pytest.mark.parametrize("path", ["/", "/accounts/sign-in/", "/registry/units/"])
def test_neither_desk_nor_list_nor_sign_in_is_kept_by_the_browser(path, client):
    if "sign-in" in path:
        client.logout()
    answer = client.get(path)

    assert answer.status_code == 200
    assert {"private", "no-store"} <= set(answer.headers["Cache-Control"].split(", "))
