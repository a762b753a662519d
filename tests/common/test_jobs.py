"""Long work: what its runner does with success and failure, and what its owner sees."""

import datetime as dt
import logging

import pytest
from django.core.cache import caches
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from metrostd.accounts.enums import AccountState
from metrostd.common import clock, jobs, workers
from metrostd.common.enums import JobState
from metrostd.common.models import Job
from metrostd.common.policies import Verdict
from metrostd.common.transitions import TransitionError
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.common import JobFactory

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def calls(monkeypatch):
    """Runners of our own; returns the jobs that were run, in order."""
    monkeypatch.setattr(jobs, "_runners", {})
    run = []

    @jobs.job_runner("example")
    def example(job, progress):
        run.append(job)
        progress(1, 4, "第一步")
        return "/done/"

    @jobs.job_runner("refused")
    def refused(job, progress):
        raise ValidationError(["名单是空的。", "没有分工规则。"])

    @jobs.job_runner("stale")
    def stale(job, progress):
        raise TransitionError("“示例”目前是“进行中”，不能“开启”。")

    @jobs.job_runner("broken")
    def broken(job, progress):
        raise ZeroDivisionError("a secret of the inside")

    return run


@pytest.fixture
def worker():
    """This process gives signs of life as a worker does."""
    workers._presence.begin()
    yield
    workers._presence.leave()


def performed(**fields) -> Job:
    job = JobFactory(**fields)
    jobs.perform(job)
    job.refresh_from_db()
    return job


class TestRunning:
    def test_a_job_starts_when_the_transaction_is_committed(
        self, calls, django_capture_on_commit_callbacks
    ):
        owner = MembershipFactory().user

        with django_capture_on_commit_callbacks() as callbacks:
            job = jobs.start_job("example", title="示例", owner=owner, campaign=7)
        before = Job.objects.get(pk=job.pk).state
        for callback in callbacks:
            callback()

        job.refresh_from_db()
        assert (before, job.state) == ("queued", "done")
        assert (job.arguments, job.owner) == ({"campaign": 7}, owner)
        assert calls == [job]

    def test_success_keeps_where_to_go_and_when_it_was(self, calls):
        moment = clock.at_time(dt.date(2021, 6, 1))

        with clock.pinned(moment):
            job = performed()

        assert (job.state, job.next_url, job.failure) == ("done", "/done/", "")
        assert (job.done, job.total, job.step) == (1, 4, "第一步")
        assert job.started_at == job.finished_at == moment

    def test_a_broken_rule_becomes_the_reason(self, calls):
        job = performed(kind="refused")

        assert (job.state, job.failure) == ("failed", "名单是空的。；没有分工规则。")
        assert job.finished_at is not None

    def test_a_record_that_moved_on_becomes_the_reason(self, calls, caplog):
        assert performed(kind="stale").failure == "“示例”目前是“进行中”，不能“开启”。"
        assert caplog.records == []

    @pytest.mark.parametrize("kind", ["broken", "nobody knows this kind"])
    def test_the_unexpected_is_logged_and_not_shown(self, calls, caplog, kind):
        with caplog.at_level(logging.ERROR):
            job = performed(kind=kind)

        assert job.state == "failed"
        assert job.failure.startswith("系统内部错误，没有做完；已经做完的部分不会重复。请重试")
        assert "secret" not in job.failure
        assert caplog.records[0].exc_info[0] in (ZeroDivisionError, KeyError)
        assert str(job.pk) in caplog.text

    def test_running_twice_does_nothing(self, calls):
        job = performed()

        jobs.perform(job)
        jobs.run_job(job.pk)

        assert len(calls) == 1

    def test_a_job_another_worker_took_is_left_alone(self, calls):
        job = JobFactory()
        Job.objects.filter(pk=job.pk).update(state="running")

        jobs.perform(job)

        assert calls == []

    def test_a_job_that_is_gone_is_no_error(self, calls):
        jobs.run_job(0)

        assert calls == []

    def test_progress_writes_once_per_percent(self, django_assert_num_queries):
        job = JobFactory()
        progress = jobs.Progress(job)

        with django_assert_num_queries(11):
            for done in range(1000):
                progress(done, 10_000, "导入")
            progress(999, 10_000, "核对")

        job.refresh_from_db()
        assert (job.done, job.total, job.step) == (999, 10_000, "核对")


class TestTryingAgain:
    def test_retry_runs_a_failed_job_with_the_same_arguments(
        self, calls, django_capture_on_commit_callbacks
    ):
        job = performed(kind="refused", arguments={"campaign": 7})
        Job.objects.filter(pk=job.pk).update(kind="example")

        with django_capture_on_commit_callbacks(execute=True):
            jobs.retry(job)

        job.refresh_from_db()
        assert (job.state, job.failure, job.arguments) == ("done", "", {"campaign": 7})

    def test_retry_starts_from_nothing(self):
        job = JobFactory(
            state="failed", failure="x", done=3, total=4, step="x", finished_at=clock.now()
        )

        jobs.retry(job)

        job.refresh_from_db()
        assert (job.state, job.failure, job.done, job.total, job.step, job.finished_at) == (
            *("queued", "", 0, 0, ""),
            None,
        )

    @pytest.mark.parametrize("state", ["queued", "running", "done"])
    def test_only_a_failed_job_is_tried_again(self, state, django_capture_on_commit_callbacks):
        job = JobFactory(state=state)

        with django_capture_on_commit_callbacks() as callbacks:
            jobs.retry(job)

        job.refresh_from_db()
        assert (job.state, callbacks) == (state, [])

    def test_a_job_whose_worker_is_gone_fails_and_can_be_tried_again(self):
        lost = JobFactory(state="running", started_at=clock.now() - jobs.TAKING * 1.1)
        alive = JobFactory(state="running", started_at=clock.now() - jobs.TAKING * 100)
        fresh = JobFactory(state="running", started_at=clock.now())
        waiting = JobFactory(state="queued")

        with workers.holding(alive.pk, attempt=0):
            assert jobs.settle_lost() == 1

        states = [Job.objects.get(pk=job.pk).state for job in (lost, alive, fresh, waiting)]
        assert states == ["failed", "running", "running", "queued"]
        assert "可以再试一次" in Job.objects.get(pk=lost.pk).failure

    def test_an_abandoned_job_is_tried_again_without_waiting_for_the_clock(
        self, calls, django_capture_on_commit_callbacks
    ):
        lost = JobFactory(state="running", started_at=clock.now() - jobs.TAKING * 1.1)

        with django_capture_on_commit_callbacks(execute=True):
            jobs.retry(lost)

        lost.refresh_from_db()
        assert (lost.state, lost.attempt, calls) == ("done", 1, [lost])

    def test_a_paper_nobody_watches_is_begun_anew_a_few_times(
        self, calls, django_capture_on_commit_callbacks
    ):
        jobs.job_runner("paper", queue=jobs.PAPERS)(lambda job, progress: "/paper/")
        begun = clock.now() - jobs.TAKING * 2
        once = JobFactory(kind="paper", state="running", started_at=begun, attempt=1)
        often = JobFactory(kind="paper", state="running", started_at=begun, attempt=jobs.ATTEMPTS)

        with django_capture_on_commit_callbacks(execute=True):
            assert jobs.settle_lost() == 2

        assert [Job.objects.get(pk=job.pk).state for job in (once, often)] == ["done", "failed"]

    def test_who_was_thought_gone_and_comes_back_writes_nothing(self, monkeypatch):
        monkeypatch.setattr(jobs, "_runners", {})

        @jobs.job_runner("slow")
        def slow(job, progress):
            progress(1, 3, "第一步")
            with workers.holding(job.pk, attempt=job.attempt + 1):  # meanwhile somebody else began
                progress(2, 3, "第二步")
            return "/done/"

        job = performed(kind="slow")

        assert (job.state, job.step) == ("running", "第一步")

    def test_a_job_whose_message_was_lost_is_sent_again(
        self, calls, django_capture_on_commit_callbacks
    ):
        lost = JobFactory(sent_at=clock.now() - jobs.WAITED_ENOUGH * 1.1)
        fresh = JobFactory(sent_at=clock.now() - jobs.WAITED_ENOUGH * 0.9)

        with django_capture_on_commit_callbacks(execute=True):
            assert jobs.send_again() == 1

        states = [Job.objects.get(pk=job.pk).state for job in (lost, fresh)]
        assert states == ["done", "queued"]

    def test_while_a_worker_is_idle_a_message_is_missed_sooner(
        self, calls, worker, django_capture_on_commit_callbacks
    ):
        lost = JobFactory(sent_at=clock.now() - jobs.WAITED * 1.1)
        busy = JobFactory(state="running")

        with workers.holding(busy.pk, attempt=0):
            assert jobs.send_again() == 0
        with django_capture_on_commit_callbacks(execute=True):
            assert jobs.send_again() == 1

        assert Job.objects.get(pk=lost.pk).state == "done"

    @pytest.mark.django_db(transaction=True)
    def test_a_broker_that_is_down_does_not_undo_what_was_written(self, monkeypatch, caplog):
        def down(*args, **options):
            raise ConnectionError("no broker")

        monkeypatch.setattr(jobs.run_job, "apply_async", down)

        with caplog.at_level(logging.ERROR):
            job = jobs.start_job("example", title="示例", owner=None)

        kept = Job.objects.get(pk=job.pk)
        assert (kept.state, kept.step) == ("queued", jobs.UNSENT)
        assert "no broker" in caplog.text


class TestPage:
    @pytest.fixture
    def owner(self, client):
        membership = MembershipFactory()
        sign_in(client, membership)
        return membership.user

    def test_a_running_job_asks_for_news(self, client, owner):
        job = JobFactory(owner=owner, state="running", done=30, total=120, step="按类别分工")
        url = reverse("common:job", args=[job.pk])

        page = client.get(url).content.decode()

        assert f'hx-get="{url}"' in page
        assert "<html" in page
        for word in ("示例后台任务", "进行中", "按类别分工", "可以离开本页"):
            assert word in page

    def test_htmx_gets_the_progress_alone(self, client, owner):
        job = JobFactory(owner=owner, state="running", done=30, total=120)

        response = client.get(reverse("common:job", args=[job.pk]), headers=HTMX)

        assert response.content.decode().strip().startswith('<div id="job"')
        assert "<html" not in response.content.decode()

    def test_a_finished_job_sends_the_browser_on(self, client, owner):
        job = JobFactory(owner=owner, state="done", next_url="/reports/", finished_at=clock.now())
        url = reverse("common:job", args=[job.pk])

        assert client.get(url, headers=HTMX)["HX-Redirect"] == "/reports/"
        page = client.get(url).content.decode()
        assert 'href="/reports/"' in page
        assert "hx-get" not in page.split('id="job"')[1]

    def test_a_job_whose_worker_is_gone_says_so_and_can_be_tried_again(self, client, owner):
        job = JobFactory(owner=owner, state="running", started_at=clock.now() - jobs.TAKING * 2)
        url = reverse("common:job", args=[job.pk])

        with workers.holding(job.pk, attempt=0):
            held = client.get(url).content.decode()
        gone = client.get(url, headers=HTMX).content.decode()
        client.post(reverse("common:retry_job", args=[job.pk]))

        assert "后台服务已中断" not in held
        assert "后台服务已中断" in gone
        assert "hx-get" not in gone
        assert Job.objects.get(pk=job.pk).state == "queued"

    def test_a_job_that_waits_for_nobody_says_so(self, client, owner, worker):
        job = JobFactory(owner=owner, sent_at=clock.now() - jobs.WAITED)
        url = reverse("common:job", args=[job.pk])

        served = client.get(url).content.decode()
        workers._presence.leave()
        alone = client.get(url).content.decode()

        assert "没有后台服务在运行" not in served
        assert "没有后台服务在运行" in alone

    def test_operators_see_the_workers_and_nobody_else_does(self, client, owner, worker):
        lost = JobFactory(state="running", started_at=clock.now() - jobs.TAKING * 2, title="断了")
        JobFactory(title="等着")
        assert client.get(reverse("common:workers")).status_code == 403
        sign_in(client, MembershipFactory(role="system_admin"))

        page = client.get(reverse("common:workers")).content.decode()

        assert workers.name_of_this() in page
        assert lost.title in page
        assert "1" in page

    def test_a_failed_job_says_why_and_can_be_tried_again(self, client, owner):
        job = JobFactory(owner=owner, state="failed", failure="名单是空的。")
        url = reverse("common:job", args=[job.pk])
        again = reverse("common:retry_job", args=[job.pk])

        page = client.get(url).content.decode()
        response = client.post(again)

        assert "名单是空的。" in page
        assert f'action="{again}"' in page
        assert response.url == url
        job.refresh_from_db()
        assert job.state == "queued"

    @pytest.mark.parametrize("role", ["city_admin", "system_admin"])
    def test_the_job_of_somebody_else_is_not_there(self, client, role):
        job = JobFactory(state="failed")
        sign_in(client, MembershipFactory(role=role))

        seen = client.get(reverse("common:job", args=[job.pk]))
        tried = client.post(reverse("common:retry_job", args=[job.pk]))

        job.refresh_from_db()
        assert (seen.status_code, tried.status_code, job.state) == (404, 404, "failed")

    def test_trying_again_needs_a_post(self, client, owner):
        job = JobFactory(owner=owner, state="failed")

        assert client.get(reverse("common:retry_job", args=[job.pk])).status_code == 405


def test_progress_is_seen_while_the_runners_transaction_is_open(db):

    job = Job.objects.create(kind="test", title="入库", state=JobState.RUNNING)
    with transaction.atomic():
        jobs.Progress(job)(3, 10, "新增单位")
        transaction.set_rollback(True)  # what nobody else can see

    seen = jobs.with_progress(Job.objects.get(pk=job.pk))

    assert (seen.done, seen.total, seen.step) == (3, 10, "新增单位")


class TestCapacity:
    """Work is done in the membership in which it was asked for, by somebody who may still do it."""

    @pytest.fixture
    def office(self, calls):
        membership = MembershipFactory(role="city_admin")
        membership.user.act_as(membership)
        seen = []

        @jobs.job_runner("as whom")
        def as_whom(job, progress):
            seen.append((job.owner.acting_label, job.owner.scope.role))
            return "/done/"

        membership.seen = seen
        return membership

    def job(self, office) -> Job:
        return performed(kind="as whom", owner=office.user, acting=office.pk)

    def test_the_membership_of_then_acts(self, office):
        MembershipFactory(user=office.user, role="auditor")

        assert self.job(office).state == "done"
        assert office.seen == [(office.label, "city_admin")]

    def test_asking_for_a_job_keeps_who_acts(self, office):
        assert jobs.start_job("as whom", title="示例", owner=office.user).acting == office.pk

    @pytest.mark.parametrize("ended", ["membership", "account"])
    def test_what_has_ended_meanwhile_does_nothing_more(self, office, ended):
        row = office if ended == "membership" else office.user
        row.is_active = False
        if ended == "account":
            row.state = AccountState.CLOSED
        row.save()

        job = self.job(office)

        assert (job.state, office.seen) == ("failed", [])
        assert "任务没有执行" in job.failure

    def test_the_right_is_asked_for_again(self, office, monkeypatch):
        monkeypatch.setattr(jobs, "_rights", {})
        jobs.job_right("as whom")(lambda job: Verdict(f"{job.owner.scope.role} 不再可以。"))

        job = self.job(office)

        assert (job.state, job.failure, office.seen) == ("failed", "city_admin 不再可以。", [])


def test_one_more_process_than_can_be_told_apart_works_all_the_same(monkeypatch):
    monkeypatch.setattr(workers, "_PLACES", ["worker-0"])
    caches["leases"].set("worker-0", ("another:1", (), 0.0, None), 30)
    presence = workers._Presence()
    try:
        presence.begin()
        with presence.holding(7, 1):
            assert workers.is_held(7)
        assert [each.name for each in workers.alive()] == ["another:1"]
    finally:
        presence.leave()
        caches["leases"].delete("worker-0")
