"""Papers of certain words: made once by a job, waited for on a page, made again when that failed."""

import pytest
from django.test import RequestFactory
from django_htmx.middleware import HtmxDetails

from metrostd.common import jobs, paper_views, papers
from metrostd.common.models import AccessEntry, Job, Paper
from tests.factories.accounts import MembershipFactory

pytestmark = pytest.mark.django_db

KIND = "example"
ADDRESS = "/example/1/paper/"


@pytest.fixture
def made(monkeypatch):
    """A kind of our own that counts how often it is laid out; what to raise instead may be put in."""
    monkeypatch.setattr(papers, "_makers", {})
    made = []

    @papers.paper_maker(KIND)
    def example(words):
        if words.get("broken") and not made:
            made.append(None)
            raise ZeroDivisionError
        made.append(words)
        return f"%PDF {len(made)} {words['text']}".encode()

    return made


def request_of(method, *, user, htmx):
    headers = {"HX-Request": "true", "HX-Trigger": htmx} if htmx else {}
    request = RequestFactory().generic(method, ADDRESS, headers=headers)
    request.user, request.htmx, request.session = user, HtmxDetails(request), {}
    return request


@pytest.fixture
def user():
    return MembershipFactory().user


@pytest.fixture
def ask(user):
    """Hand the paper of these words out as a view does."""

    def answer(method="GET", *, htmx="", **words):
        paper = papers.paper_of(KIND, words, title="示例通知书")
        wanted = paper_views.kept(
            paper,
            title="示例通知书",
            filename="示例.pdf",
            note=lambda: AccessEntry.objects.create(kind="pdf", what="示例"),
        )
        return paper_views.hand_out(request_of(method, user=user, htmx=htmx), wanted)

    return answer


def body(answer) -> bytes:
    content = b"".join(answer.streaming_content)
    answer.close()
    return content


def test_the_same_words_are_one_paper_made_once_and_kept(ask, made):
    waiting = ask(text="甲", day="2021-07-01")
    again = ask(day="2021-07-01", text="甲")
    for _ in range(2):
        jobs.run_job(Job.objects.get().pk)
        Job.objects.update(state="queued")

    assert (waiting.status_code, again.status_code, len(made)) == (202, 202, 1)
    assert "正在生成" in waiting.content.decode()
    assert body(ask(text="甲", day="2021-07-01")) == "%PDF 1 甲".encode()
    assert ask(text="乙").status_code == 202
    assert Paper.objects.count() == 2
    assert AccessEntry.objects.count() == 1, "noted when it was handed out, not while it was made"


def test_a_page_that_waits_is_led_to_the_paper(ask, made):
    assert f'hx-get="{ADDRESS}"' in ask(text="甲").content.decode()
    assert "<html" not in ask(text="甲", htmx="paper").content.decode()

    jobs.perform(Job.objects.get())

    there = ask(text="甲", htmx="paper").content.decode()
    assert "已生成" in there
    assert "every 1s" not in there, "a browser that saves the file stays on the page"
    assert ask(text="甲", htmx="open-paper")["HX-Redirect"] == ADDRESS
    assert not AccessEntry.objects.exists()


def test_what_failed_says_so_and_is_made_again(ask, made):
    ask(text="甲", broken=True)
    job = Job.objects.get()
    jobs.perform(job)

    said = ask(text="甲", broken=True).content.decode()
    assert "没有生成" in said
    assert jobs.INTERNAL in said
    assert "重新生成" in said
    assert "hx-get" not in said
    answers = [ask("POST", text="甲", broken=True) for _ in range(2)]
    assert {answer.url for answer in answers} == {ADDRESS}
    job.refresh_from_db()
    assert (job.state, Job.objects.count()) == ("queued", 1)

    jobs.perform(job)

    assert body(ask(text="甲", broken=True)).startswith(b"%PDF")


def test_a_paper_somebody_waits_for_goes_before_the_others_once(
    ask, made, monkeypatch, django_capture_on_commit_callbacks
):
    sent = []
    monkeypatch.setattr(jobs.run_job, "apply_async", lambda args, queue: sent.append(queue))

    with django_capture_on_commit_callbacks(execute=True):
        ask(text="甲")
        ask(text="甲")
        ask(text="甲", htmx="paper")

    assert sent == [jobs.PAPERS, jobs.PEOPLE]
