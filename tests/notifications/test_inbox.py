"""The inbox: telling people, reading, and whose messages one sees."""

import datetime as dt

import pytest
from django.urls import reverse

from metrostd.common import clock
from metrostd.notifications import services
from metrostd.notifications.models import Message
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.notifications import MessageFactory
from tests.queries import cost_of

pytestmark = pytest.mark.django_db

INBOX = reverse("notifications:inbox")
READ = clock.at_time(dt.date(2021, 6, 1))


@pytest.fixture
def reader(client):
    membership = MembershipFactory()
    sign_in(client, membership)
    return membership


def opened(client, message):
    return client.post(reverse("notifications:open", args=[message.pk]))


class TestTelling:
    def test_many_are_told_with_one_insert(self, django_assert_num_queries):
        sender = MembershipFactory().user
        readers = MembershipFactory.create_batch(4)

        with django_assert_num_queries(1):
            told = services.tell(
                readers, subject="自查已开始", body="请于5月31日前报送。", url="/x/", sender=sender
            )

        rows = Message.objects.filter(subject="自查已开始", url="/x/", sender=sender, read_at=None)
        assert told == 4
        assert {row.membership for row in rows} == set(readers)
        assert {row.body for row in rows} == {"请于5月31日前报送。"}

    def test_nobody_is_nobody(self):
        assert services.tell([], subject="x") == 0
        assert not Message.objects.exists()

    def test_a_long_subject_is_cut_to_what_the_column_holds(self):
        services.tell([MembershipFactory()], subject="长" * 300)

        assert str(Message.objects.get()) == "长" * 200

    def test_marking_read_leaves_earlier_reading_alone(self):
        earlier = MessageFactory(read_at=READ)
        new = MessageFactory()

        with clock.pinned(READ + dt.timedelta(days=1)):
            assert services.mark_read(Message.objects.all()) == 1

        assert Message.objects.get(pk=earlier.pk).read_at == READ
        assert Message.objects.get(pk=new.pk).read_at == READ + dt.timedelta(days=1)


class TestOwnMessagesOnly:
    def test_the_newest_first(self, client, reader):
        first, second = MessageFactory.create_batch(2, membership=reader)
        MessageFactory(subject="别人的消息")

        response = client.get(INBOX)

        assert list(response.context["page"]) == [second, first]
        assert "别人的消息" not in response.content.decode()

    def test_the_inbox_belongs_to_the_capacity_and_not_to_the_person(self, client, reader):
        other = MembershipFactory(user=reader.user)
        here, there = MessageFactory(membership=reader), MessageFactory(membership=other)

        assert list(client.get(INBOX).context["page"]) == [here]

        sign_in(client, other)

        assert list(client.get(INBOX).context["page"]) == [there]

    def test_without_a_capacity_there_is_no_inbox(self, client, reader):
        MembershipFactory(user=reader.user)
        message = MessageFactory(membership=reader)
        session = client.session
        del session["acting_membership"]
        session.save()

        assert list(client.get(INBOX).context["page"]) == []
        assert opened(client, message).status_code == 404

    @pytest.mark.parametrize("role", ["city_admin", "system_admin"])
    def test_the_message_of_somebody_else_is_not_there(self, client, role):
        foreign = MessageFactory()
        sign_in(client, MembershipFactory(role=role))

        assert opened(client, foreign).status_code == 404
        assert Message.objects.unread().count() == 1


class TestReading:
    def test_opening_marks_it_read_and_leads_to_what_it_is_about(self, client, reader):
        message, untouched = MessageFactory.create_batch(2, membership=reader)

        with clock.pinned(READ):
            response = opened(client, message)

        message.refresh_from_db()
        assert response.url == message.url
        assert message.read_at == READ
        assert list(Message.objects.unread()) == [untouched]

    def test_a_message_about_nothing_leads_back(self, client, reader):
        assert opened(client, MessageFactory(membership=reader, url="")).url == INBOX

    def test_opening_again_keeps_the_first_time(self, client, reader):
        message = MessageFactory(membership=reader, read_at=READ)

        opened(client, message)

        message.refresh_from_db()
        assert message.read_at == READ

    def test_reading_needs_a_post(self, client, reader):
        message = MessageFactory(membership=reader)

        assert client.get(reverse("notifications:open", args=[message.pk])).status_code == 405
        assert client.get(reverse("notifications:read_all")).status_code == 405
        assert Message.objects.unread().exists()

    def test_all_at_once_and_only_ones_own(self, client, reader):
        MessageFactory.create_batch(3, membership=reader)
        foreign = MessageFactory()

        response = client.post(reverse("notifications:read_all"))

        assert response.url == INBOX
        assert list(Message.objects.unread()) == [foreign]

    def test_only_the_unread_ones_on_demand(self, client, reader):
        unread = MessageFactory(membership=reader)
        MessageFactory(membership=reader, read_at=READ)

        assert list(client.get(INBOX, {"only": "unread"}).context["page"]) == [unread]


class TestPage:
    def test_an_empty_inbox_says_so(self, client, reader):
        page = client.get(INBOX).content.decode()

        assert "没有消息" in page
        assert "全部标为已读" not in page

    def test_text_is_shown_as_text(self, client, reader):
        MessageFactory(membership=reader, subject="<b>粗</b>", body="请于5月31日前报送。")

        page = client.get(INBOX).content.decode()

        assert "&lt;b&gt;粗&lt;/b&gt;" in page
        assert "请于5月31日前报送。" in page
        assert "全部标为已读" in page

    def test_the_frame_counts_the_unread(self, client, reader):
        MessageFactory.create_batch(2, membership=reader)
        MessageFactory(membership=reader, read_at=READ)
        MessageFactory()

        assert client.get(INBOX).context["frame"].unread == 2

    def test_long_inboxes_have_pages(self, client, reader):
        MessageFactory.create_batch(31, membership=reader)

        assert len(client.get(INBOX).context["page"]) == 30
        assert len(client.get(INBOX, {"page": 2}).context["page"]) == 1

    def test_the_cost_does_not_grow_with_the_messages(self, client, reader):
        MessageFactory(membership=reader)
        at_one = cost_of(client, INBOX)
        MessageFactory.create_batch(3, membership=reader, sender=reader.user)

        assert cost_of(client, INBOX) == at_one
        assert at_one < 12
