"""The first administrator of an empty installation, from the command to the first page."""

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from metrostd.accounts.models import Membership, User
from metrostd.common.models import AuditEntry
from metrostd.common.roles import Role
from tests.factories.accounts import MembershipFactory
from tests.factories.registry import AuthorityFactory

pytestmark = pytest.mark.django_db
PASSWORD = "Kaihu-2026-jiliang"


@pytest.fixture
def variables(monkeypatch, tmp_path):
    secret = tmp_path / "password"
    secret.write_text(f"{PASSWORD}\n")
    monkeypatch.setenv("ADMIN_USERNAME", "guanliyuan")
    monkeypatch.setenv("ADMIN_NAME", "示例管理员")
    monkeypatch.setenv("ADMIN_PASSWORD_FILE", str(secret))
    return monkeypatch


def test_whoever_is_named_by_variables_signs_in(client, variables, capsys):
    city = AuthorityFactory(city=True)

    call_command("create_admin")

    membership = Membership.objects.get()
    assert (membership.role, membership.authority) == (Role.SYSTEM_ADMIN, city)
    assert "示例管理员（guanliyuan）" in capsys.readouterr().out
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor) == ("account.open_first_administrator", None)
    signed_in = client.post(
        reverse("accounts:sign_in"), {"username": "guanliyuan", "password": PASSWORD}, follow=True
    )
    # The password stands in a variable: the first page asks for one of the person's own.
    assert signed_in.redirect_chain[-1] == (reverse("accounts:password"), 302)
    assert "请先修改密码" in signed_in.content.decode()


def test_it_is_asked_at_a_terminal(monkeypatch):
    AuthorityFactory(city=True)
    said = iter(["anli", "安例"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda prompt: next(said))
    monkeypatch.setattr("getpass.getpass", lambda prompt: PASSWORD)

    call_command("create_admin")

    opened = User.objects.get()
    assert opened.get_full_name() == "安例"
    assert not opened.must_change_password


def test_only_the_first_is_opened_this_way(variables):
    MembershipFactory(role=Role.SYSTEM_ADMIN, authority=AuthorityFactory(city=True))

    with pytest.raises(CommandError, match="已有系统管理员"):
        call_command("create_admin")

    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("ADMIN_PASSWORD", "1234567890", "密码："),
        ("ADMIN_PASSWORD", "short", "密码："),
        ("ADMIN_USERNAME", "两 个 词", "用户名："),
        ("ADMIN_USERNAME", "", "ADMIN_USERNAME"),
        ("ADMIN_NAME", "", "ADMIN_NAME"),
    ],
)
def test_what_is_wrong_is_named(variables, variable, value, words):
    AuthorityFactory(city=True)
    variables.delenv("ADMIN_PASSWORD_FILE")
    variables.setenv("ADMIN_PASSWORD", PASSWORD)
    variables.setenv(variable, value)

    with pytest.raises(CommandError, match=words):
        call_command("create_admin")

    assert not User.objects.exists()


def test_an_installation_without_authorities_says_what_comes_first(variables):
    with pytest.raises(CommandError, match="load_reference"):
        call_command("create_admin")
