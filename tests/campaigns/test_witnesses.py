"""Witnesses as the public source: commit, reveal, and every way somebody could try to steer it."""

import datetime as dt
import io
import json
import subprocess
import sys

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from pypdf import PdfReader

from campaigns import (
    announcing,
    extension,
    frames,
    moves,
    record,
    settling,
    terms,
    verifying,
    witnessing,
)
from campaigns.enums import TermsState
from campaigns.models import DrawRun, DrawWitness
from campaigns.protocol import witness
from metrostd.common import clock, sealing
from metrostd.common.models import AuditEntry
from metrostd.common.roles import Role
from metrostd.common.transitions import TransitionError
from reporting.narrative import outcomes
from tests import draws
from tests.factories.accounts import MembershipFactory, sign_in
from tests.printing import pages_of

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
SALTS = ("ab" * 16, "cd" * 16)


@pytest.fixture(autouse=True)
def no_other_stages(monkeypatch):
    for name in ("_opening", "_drawn", "_guards", "_void_guards", "_opening_guards"):
        monkeypatch.setattr(extension, name, [], raising=False)


@pytest.fixture
def seen(city):
    """Terms with two witnesses, acknowledged; the moment is now, the fallback in twelve hours."""
    for _ in range(10):
        city.standard()
    moves.open_campaign(city.campaign, actor=None)
    city.people = [
        MembershipFactory(role=Role.DISCIPLINE, authority=city.commission),
        MembershipFactory(role=Role.DISTRICT_ADMIN, authority=city.other),
    ]
    city.frame = draws.freeze(city.campaign, city.district)
    city.terms = announce(city, city.people)
    draws.acknowledge(city.terms)
    return city


def announce(city, people):
    now = clock.now()
    with clock.pinned(now - 2 * DAY):
        return announcing.announce_draw(
            city.frame,
            ratio=20,
            ratio_reason="示例",
            issue=draws.ISSUE,
            moment=now,
            floor=20,
            actor=city.bureau.user,
            witnesses=people,
            fallback_at=now + DAY / 2,
        )


def promise(seen, n, number="4711"):
    place = seen.terms.witnesses.get(order=n + 1)
    hashed = bytes.fromhex(seen.terms.hash)
    return witness.commitment(hashed, place.person, salt=SALTS[n], number=number)


def commit(seen, n, number="4711"):
    said = promise(seen, n, number)
    witnessing.commit(seen.terms, commitment=said, actor=seen.people[n].user)


def reveal(seen, n, number="4711", salt=None):
    actor = seen.people[n].user
    return witnessing.reveal(seen.terms, number=number, salt=salt or SALTS[n], actor=actor)


def drawn(seen, numbers=("4711", "815")):
    for n, number in enumerate(numbers):
        commit(seen, n, number)
    assert reveal(seen, 0, numbers[0]) is None
    return reveal(seen, 1, numbers[1])


def test_all_reveal_and_the_draw_is_made_and_computed_again(seen, tmp_path):
    run = drawn(seen)

    seen.terms.refresh_from_db()
    assert (seen.terms.state, seen.terms.value) == (TermsState.DRAWN, "wit:4711,815")
    assert seen.terms.entered_by_id != seen.terms.confirmed_by_id
    assert verifying.verify_draw(run) == []
    told = record.of_run(run)
    assert told["public"]["missing"] == []
    path = tmp_path / "record.json"
    for change, expected in ((None, 0), ("number", 1), ("person", 1)):
        copy = json.loads(json.dumps(told))
        if change:
            copy["public"]["witnesses"][0][change] = "99"
        path.write_text(json.dumps(copy), encoding="utf-8")
        script = django_settings.BASE_DIR / "docs" / "verify_draw.py"
        done = subprocess.run(
            [sys.executable, script, path], capture_output=True, text=True, check=False
        )
        assert done.returncode == expected, done.stderr
        assert ("witnesses" in done.stderr) is bool(expected)
    with pytest.raises(ValidationError, match="没有录入错误"):
        moves.VOID.check(run)


def test_the_public_record_names_no_witness_and_is_computed_again(seen, tmp_path):
    run = drawn(seen)
    public = json.dumps(outcomes.public_record(run), ensure_ascii=False)
    path = tmp_path / "record.json"

    for place in seen.terms.witnesses.all():
        assert place.person not in public
    for change, code in ((("nonce", "00" * 32), 1), ((None, None), 2)):
        copy = json.loads(public)
        copy |= {change[0]: change[1]} if change[0] else {}
        path.write_text(json.dumps(copy), encoding="utf-8")
        script = django_settings.BASE_DIR / "docs" / "verify_draw.py"
        done = subprocess.run(
            [sys.executable, script, path], capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stderr
    assert done.stdout.startswith(f"PARTLY {run.result_hash}")
    assert f"announced as {seen.terms.hash}" in done.stdout


def printed(client, seen, run):
    """The printed record, in one line."""
    sign_in(client, seen.bureau)
    paper = pages_of(client, reverse("campaigns:record", args=[run.pk]))
    pages = PdfReader(io.BytesIO(paper)).pages
    return "".join("".join(page.extract_text() for page in pages).split())


def test_the_printed_record_names_witnesses_commitments_numbers_and_salts(client, seen):
    text = printed(client, seen, drawn(seen))

    for place in seen.terms.witnesses.all():
        for said in (place.person, place.commitment, f"数{place.number}", place.salt):
            assert "".join(said.split()) in text
    assert "录入人" not in text
    assert text.count("（签名）") == 2


def test_another_number_than_was_committed_to_is_refused(seen):
    commit(seen, 0)
    commit(seen, 1)
    for number, salt in (("4712", SALTS[0]), ("4711", SALTS[1]), ("4711", "zz"), ("", SALTS[0])):
        with pytest.raises(ValidationError, match="与您提交的承诺不符"):
            reveal(seen, 0, number, salt)
    assert not DrawRun.objects.exists()


def test_a_commitment_is_made_once_and_not_copied(seen):
    commit(seen, 0)
    with pytest.raises(TransitionError, match="不能更换"):
        commit(seen, 0, "5")
    with pytest.raises(TransitionError, match="相同"):
        witnessing.commit(seen.terms, commitment=promise(seen, 0), actor=seen.people[1].user)
    with pytest.raises(ValidationError):
        witnessing.commit(seen.terms, commitment="4711", actor=seen.people[1].user)
    with pytest.raises(TransitionError, match="全部提交后"):
        reveal(seen, 0)


def test_nothing_is_revealed_before_the_moment(seen):
    commit(seen, 0)
    commit(seen, 1)
    early = seen.terms.moment - dt.timedelta(minutes=1)
    with clock.pinned(early), pytest.raises(TransitionError, match="约定的时间"):
        reveal(seen, 0)


def test_a_missing_reveal_takes_the_named_issue_and_says_so(client, seen):
    commit(seen, 0)
    commit(seen, 1)
    reveal(seen, 0)
    with pytest.raises((TransitionError, ValidationError), match="改以双色球"):
        draws.settle(seen.terms)
    with clock.pinned(seen.terms.fallback_at + dt.timedelta(minutes=1)):
        with pytest.raises(TransitionError, match="已过公布的时间"):
            reveal(seen, 1)
        run = draws.settle(seen.terms)

    assert "没有公布，改以双色球为准" in printed(client, seen, run)
    told = record.of_run(run)["public"]
    assert told["value"].startswith("ssq:")
    assert told["missing"] == [seen.terms.witnesses.get(order=2).person]
    assert verifying.verify_draw(run) == []


def test_who_may_be_a_witness(seen):
    def refused(people):
        with pytest.raises(ValidationError) as error:
            witnessing.check_named(people, authority_id=seen.district.pk)
        return error.value.messages[0]

    watch, other = seen.people
    assert "2至4名" in refused([watch])
    assert "2至4名" in refused([watch, watch])
    assert "抽取部门" in refused([watch, seen.bureau])
    assert "纪检" in refused([other, seen.office])
    found = witnessing.candidates(seen.campaign, seen.district.pk)
    assert seen.bureau not in found
    assert {watch, other} <= set(found)


def test_numbers_are_on_no_page_before_all_are_revealed(client, seen):
    commit(seen, 0, "424242424242")
    commit(seen, 1)
    reveal(seen, 0, "424242424242")
    for member in (*seen.people, seen.office, seen.bureau):
        sign_in(client, member)
        assert "424242424242" not in client.get(seen.terms.get_absolute_url()).content.decode()
    kept = AuditEntry.objects.about(seen.terms)
    assert not any("424242424242" in f"{row.after}{row.note}" for row in kept)
    sign_in(client, seen.office)
    answer = client.post(
        reverse("campaigns:witness_reveal", args=[seen.terms.pk]), {"number": "1", "salt": "2"}
    )
    assert answer.status_code == 403


def test_choosing_a_number_gives_nobody_the_wanted_units(seen):
    """The last witness tries 10,000 numbers with everything a page shows: as good as guessing."""
    row = seen.terms
    wanted = sorted({e.unit_key for e in seen.frame.entries.all()})[0]
    holders = frames.holders_of(seen.frame)  # the list stays while numbers are tried
    hits = 0
    for n in range(10_000):
        row.value = witness.value_of(["4711", str(n)])
        seed = settling.seed_of(row)
        drawn = settling.drawn_of(seen.frame, holders, seed=seed, required=row.required)
        if n < 50:
            assert drawn == settling.result_of(row, seed)
        hits += any(unit.id == wanted for unit in drawn)
    assert abs(hits / 10_000 - 2 / 10) < 0.02


def test_the_database_keeps_the_order(seen):
    place = seen.terms.witnesses.first()
    with pytest.raises(IntegrityError), transaction.atomic():
        DrawWitness.objects.filter(pk=place.pk).update(revealed_at=clock.now(), number="1")


def test_the_envelope_brings_a_lost_number_back(client, seen, settings):
    watch = seen.people[0]
    sign_in(client, watch)
    page = client.post(reverse("campaigns:seal_nonce", args=[seen.terms.pk]))
    code = page.context["code"]
    before = terms.nonce_of(seen.terms)
    assert client.post(reverse("campaigns:seal_nonce", args=[seen.terms.pk])).status_code == 403
    settings.FIELD_KEYS = ["another-key"]
    seen.terms.refresh_from_db()
    assert sealing.unseal(seen.terms.sealed_nonce) == ""
    opening = reverse("campaigns:open_nonce", args=[seen.terms.pk])
    client.post(opening, {"code": "AAAAA-AAAAA-AAAAA-AAAAA"})
    seen.terms.refresh_from_db()
    assert sealing.unseal(seen.terms.sealed_nonce) == ""
    client.post(opening, {"code": code.lower()})

    seen.terms.refresh_from_db()
    assert terms.nonce_of(seen.terms) == before
    sign_in(client, seen.office)
    assert client.post(opening, {"code": code}).status_code == 403
