"""Settings come from the environment or from files, and nonsense is refused at the start."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from metrostd import env

NAME = "METROSTD_EXAMPLE"


@pytest.fixture(autouse=True)
def clean(monkeypatch):
    monkeypatch.delenv(NAME, raising=False)
    monkeypatch.delenv(f"{NAME}_FILE", raising=False)


class TestText:
    def test_value_default_and_nothing(self, monkeypatch):
        assert env.text(NAME, "默认") == "默认"
        with pytest.raises(ImproperlyConfigured, match=f"Set {NAME} \\(or {NAME}_FILE\\)"):
            env.text(NAME)
        monkeypatch.setenv(NAME, "")
        assert env.text(NAME, "默认") == ""

    def test_the_file_wins_and_is_stripped(self, monkeypatch, tmp_path):
        secret = tmp_path / "secret"
        secret.write_text("密钥\n", encoding="utf-8")
        monkeypatch.setenv(NAME, "plain")
        monkeypatch.setenv(f"{NAME}_FILE", str(secret))

        assert env.text(NAME) == "密钥"

    def test_a_file_that_cannot_be_read_is_named(self, monkeypatch, tmp_path):
        monkeypatch.setenv(f"{NAME}_FILE", str(tmp_path / "missing"))

        with pytest.raises(ImproperlyConfigured, match=f"{NAME}_FILE.*missing"):
            env.text(NAME, "默认")


class TestFlag:
    @pytest.mark.parametrize(
        ("raw", "value"),
        [
            *[(word, True) for word in ("1", "True", " yes ", "ON")],
            *[(word, False) for word in ("0", "false", "No", "off")],
        ],
    )
    def test_usual_words(self, monkeypatch, raw, value):
        monkeypatch.setenv(NAME, raw)

        assert env.flag(NAME, default=not value) is value

    @pytest.mark.parametrize("raw", ["", "ture", "2"])
    def test_anything_else_is_a_mistake(self, monkeypatch, raw):
        monkeypatch.setenv(NAME, raw)

        with pytest.raises(ImproperlyConfigured, match="neither true nor false"):
            env.flag(NAME, default=False)

    def test_default(self):
        assert env.flag(NAME, default=True) is True


class TestNumber:
    def test_value_and_default(self, monkeypatch):
        assert env.number(NAME, default=20) == 20
        monkeypatch.setenv(NAME, " 7 ")
        assert env.number(NAME, default=20) == 7

    @pytest.mark.parametrize("raw", ["", "1.5", "20MB"])
    def test_anything_else_is_a_mistake(self, monkeypatch, raw):
        monkeypatch.setenv(NAME, raw)

        with pytest.raises(ImproperlyConfigured, match="not a whole number"):
            env.number(NAME, default=20)


def test_words_are_separated_by_commas(monkeypatch):
    assert env.words(NAME) == []
    assert env.words(NAME, default="a,b") == ["a", "b"]
    monkeypatch.setenv(NAME, " example.org ,, 192.0.2.1,")
    assert env.words(NAME, default="a") == ["example.org", "192.0.2.1"]


@pytest.mark.parametrize("reader", ["flag", "number", "words"])
def test_every_variable_may_come_from_a_file(monkeypatch, tmp_path, reader):
    path = tmp_path / "value"
    path.write_text("1\n")
    monkeypatch.setenv(f"{NAME}_FILE", str(path))

    value = {
        "flag": lambda: env.flag(NAME, default=False),
        "number": lambda: env.number(NAME, default=0),
        "words": lambda: env.words(NAME),
    }[reader]()

    assert value == {"flag": True, "number": 1, "words": ["1"]}[reader]


class TestStorage:
    def test_every_part_of_the_address(self):
        store = env.storage("s3://key:se%2Fcret@store.example.org:9000/portal")

        assert store["BACKEND"] == "storages.backends.s3.S3Storage"
        assert store["OPTIONS"] == {
            "access_key": "key",
            "secret_key": "se/cret",
            "bucket_name": "portal",
            "endpoint_url": "https://store.example.org:9000",
            "file_overwrite": False,
            "querystring_auth": True,
        }

    def test_plain_http_and_no_port(self):
        options = env.storage("s3+http://key:secret@store/portal/")["OPTIONS"]

        assert (options["endpoint_url"], options["bucket_name"]) == ("http://store", "portal")

    @pytest.mark.parametrize("url", ["http://store/portal", "portal", "file:///srv"])
    def test_other_stores_are_a_mistake(self, url):
        with pytest.raises(ImproperlyConfigured, match="neither s3 nor"):
            env.storage(url)


class TestMail:
    def test_without_a_word_about_it_the_time_out_stays(self):
        said = env.mail("smtp://portal:secret@mail.example.org:587/?tls=True")

        assert "EMAIL_TIMEOUT" not in said
        assert (said["EMAIL_HOST"], said["EMAIL_PORT"]) == ("mail.example.org", 587)
        assert said["EMAIL_USE_TLS"] is True

    def test_the_address_may_name_it(self):
        assert env.mail("smtp://mail.example.org/?timeout=7")["EMAIL_TIMEOUT"] == 7
