"""What a request may send is settled before anything of it is parsed."""

import io
import time

import pytest
from django.urls import reverse

from metrostd.common import bodies
from metrostd.common.outside import LARGEST, given_json, is_key, whole
from metrostd.common.patience import patient
from tests.factories.accounts import MembershipFactory, sign_in

pytestmark = pytest.mark.django_db
BIG = "x" * (bodies.ANONYMOUS_BYTES + 1)


@pytest.fixture
def known(client):
    sign_in(client, MembershipFactory())
    return client


def test_without_signing_in_only_a_little_is_taken(client):
    answer = client.post(reverse("accounts:sign_in"), {"username": BIG})

    assert answer.status_code == 413
    assert "请登录" in answer.content.decode()


def test_after_signing_in_more_is_taken_up_to_the_limit(known, settings):
    address = reverse("common:retry_job", args=[1])
    assert known.post(address, {"x": BIG}).status_code == 404

    settings.BODY_MAX_BYTES = 1 << 20
    answer = known.post(address, {"x": "x" * (1 << 20)}, headers={"X-Requested-With": "autosave"})

    assert answer.status_code == 413
    assert "超过 1 MB" in answer.json()["errors"]["__all__"][0]


def test_a_day_has_a_limit_for_everybody(known, settings, client):
    settings.DAILY_UPLOAD_BYTES = 3 * bodies.COUNTED_FROM
    address = reverse("common:retry_job", args=[1])
    body = {"x": "x" * (bodies.COUNTED_FROM + 1)}

    answers = [known.post(address, body).status_code for _ in range(3)]
    sign_in(client, MembershipFactory())

    assert answers == [404, 404, 429]
    assert client.post(address, body).status_code == 404


@pytest.mark.parametrize("charset", ["utf-7", "utf-16", "UTF-32", "gb18030"])
def test_strange_letters_are_refused_in_chinese(known, charset):
    kind = f"application/x-www-form-urlencoded; charset={charset}"

    answer = known.post(reverse("common:retry_job", args=[1]), "a=b", content_type=kind)

    assert answer.status_code == 400
    assert "字符编码" in answer.content.decode()


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", '"utf-8"'])
def test_the_letters_of_browsers_are_taken(known, charset):
    kind = f"application/x-www-form-urlencoded; charset={charset}"

    answer = known.post(reverse("common:retry_job", args=[1]), "a=b", content_type=kind)

    assert answer.status_code == 404


SCRIPT = {"X-Requested-With": "autosave"}


@pytest.mark.parametrize("script", [{}, SCRIPT])
@pytest.mark.parametrize(
    ("sent", "status", "words"),
    [
        ({f"f{n}": "" for n in range(1001)}, 413, "填写项超过 1000 个"),
        ({"f": [io.BytesIO(b"x") for _ in range(101)]}, 413, "文件超过 100 个"),
        ({"note": "x" * (31 << 20)}, 413, "文字超过 30 MB"),
    ],
)
def test_too_much_for_one_request_is_told_with_the_limit(known, sent, status, words, script):
    answer = known.post(reverse("common:retry_job", args=[1]), sent, headers=script)

    assert answer.status_code == status
    assert words in (answer.json()["errors"]["__all__"][0] if script else answer.content.decode())


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=\xe9"])
def test_a_body_cut_off_in_its_letters_is_told_to_people_and_scripts(known, kind):
    address = reverse("common:retry_job", args=[1])

    page = known.post(address, b"--x\r\n", content_type=kind)
    answer = known.post(address, b"--x\r\n", content_type=kind, headers=SCRIPT)

    assert (page.status_code, answer.status_code) == (400, 400)
    assert "没有传完整" in page.content.decode()
    assert "没有传完整" in answer.json()["errors"]["__all__"][0]


def test_a_form_with_too_much_in_a_fragment_gets_a_short_alert(known):
    sent = {f"f{n}": "" for n in range(1001)}

    answer = known.post(
        reverse("common:retry_job", args=[1]), sent, headers={"HX-Request": "true"}
    ).content.decode()

    assert "填写项超过 1000 个" in answer
    assert "<html" not in answer


@pytest.mark.parametrize(
    "text",
    [
        *("[" * 100_000, '{"a":' * 50_000, "9" * 10_000, "{", "", "nul"),
        *(r'{"a": "\ud800"}', r'{"\udfff": 1}', r'["\u0000"]', r'{"a\u0000": 1}'),
    ],
)
def test_json_that_no_page_writes_is_refused_by_its_one_reader(text):
    with pytest.raises(ValueError, match=r".+"):
        given_json(text)


def test_json_of_a_page_is_read_also_with_a_backslash_before_a_u():
    assert given_json(r'{"a": "\\u0000 \ud83d\ude00", "b": [1, null]}') == {
        "a": "\\u0000 😀",
        "b": [1, None],
    }


class TestWholeNumbers:
    @pytest.mark.parametrize("text", ["0", "7", "0012", str(LARGEST)])
    def test_keys(self, text):
        assert is_key(text)

    @pytest.mark.parametrize(
        "text", ["", None, "-1", "1.0", " 1", "²", "٣", "一", str(LARGEST + 1), "9" * 40, "1\n"]
    )
    def test_what_is_none(self, text):
        assert not is_key(text)

    def test_a_column_may_hold_less(self):
        assert whole("10", most=9) is None

    @pytest.mark.parametrize("number", [str(2**31), str(2**63), "9" * 30])
    def test_a_version_or_a_key_too_large_is_no_fault_of_ours(self, known, number):
        for name in ("registry:units", "registry:standards", "inspections:index"):
            for asked in ("district", "unit", "page", "issuer", "pk"):
                assert known.get(reverse(name), {asked: number}).status_code in (200, 403, 404)
        assert known.get(f"/registry/units/{number}/").status_code in (403, 404)


class TestPatience:
    """A body that comes in drops is given up."""

    def run(self, size: int, *, pause: float, rate: int, silence: float = 0.2) -> list[bytes]:
        class Drops(io.BytesIO):
            def read(self, *_):
                time.sleep(pause)
                return super().read(1)

        def application(environ, start_response):
            return iter(lambda: environ["wsgi.input"].read(1), b"")

        limited = patient(application, silence=silence, least_rate=rate)
        environ = {"CONTENT_LENGTH": str(size), "wsgi.input": Drops(b"x" * size)}
        return list(limited(environ, None))

    def test_one_that_keeps_coming_is_read(self):
        # As patient as the portal itself: a busy machine alone is no slow sender.
        assert len(self.run(5, pause=0.01, rate=1000, silence=20)) == 5

    def test_one_that_drips_is_given_up(self):
        with pytest.raises(TimeoutError):
            self.run(200, pause=0.02, rate=1000)
