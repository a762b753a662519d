"""A tablet that dies between two taps: the browser is killed at random moments, and what it had said is there."""

import os
import re
import signal
import time
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, expect

from metrostd.demo.people import PASSWORD

from .conftest import FLAGS, PATIENCE, Portal, Visitor
from .flapping import Flapping
from .pages import item
from .tablet import (
    all_sent,
    choose,
    codes,
    photograph,
    picture,
    sections,
    sheet,
    take,
    told,
    unlock,
)

pytestmark = pytest.mark.browser
#: More of them: ``KILLS=10 bin/test tests/e2e/test_offline_killed.py``.
KILLS = int(os.environ.get("KILLS", "3"))
_RADIO = "input[type=radio][value=conform]"


def _started(browser: Browser, profile: Path) -> BrowserContext:
    for left in profile.glob("Singleton*"):
        left.unlink()
    return browser.browser_type.launch_persistent_context(
        str(profile),
        executable_path="/usr/bin/chromium-headless-shell",
        args=FLAGS,
        viewport={"width": 768, "height": 1024},
        locale="zh-CN",
    )


def _kill(profile: Path) -> None:
    """SIGKILL to every process of the browser with this profile, and to no other."""
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if str(profile).encode() in entry.read_bytes():
                os.kill(int(entry.parent.name), signal.SIGKILL)


def test_what_a_killed_browser_had_stored_is_there_when_it_starts_again(browser, portal, tmp_path):
    visit = told(portal, "build(1, start=6000)")[0]
    profile, random = tmp_path / "profile", Random(13)
    number, kept, files, doubtful = visit["sheet"], {}, {}, set()
    with Flapping(portal.url) as network:
        context = _started(browser, profile)
        window = Visitor(context.pages[0], Portal(network.url, portal.environment))
        window.page.set_default_timeout(PATIENCE)
        window.sign_in(visit["leader"], PASSWORD)
        take(window.page, network.url, visit["task"])
        sheet(window.page, number, "conclude")
        places = sections(window.page)
        network.mood = "cut"
        for turn in range(KILLS):
            page = window.page
            sheet(page, number, places[turn % len(places)])
            here = [code for code in codes(page) if code not in kept]
            for code in here[: random.randint(1, 3)]:
                choose(page, code, "conform")
                kept[code] = "conform"
            name, data = f"照片{turn}.jpg", picture(turn)
            photograph(page, here[0], name, data, keep=True)
            files[name] = here[0]
            for code in [code for code in here if code not in kept][:2]:
                doubtful.add(code)  # a tap nobody has said yes to yet
                item(page, code).locator(_RADIO).check(no_wait_after=True)
            time.sleep(random.random() / 20)
            _kill(profile)
            with suppress(Error):
                context.close()
            context = _started(browser, profile)
            window = Visitor(context.pages[0], Portal(network.url, portal.environment))
            window.page.set_default_timeout(PATIENCE)
            unlock(window.page, network.url)
            sheet(window.page, number, places[turn % len(places)])
            for code in here:
                if code in kept:
                    expect(item(window.page, code).locator(_RADIO)).to_be_checked()
            expect(item(window.page, here[0]).locator(".evidence-item")).to_contain_text(name)
        network.mood = "pass"
        # Whether the killed browser had written down that somebody is signed in depends on how long it lived.
        window.go("/accounts/sign-in/")
        if window.page.locator("[name=username]").count():
            window.sign_in(visit["leader"], PASSWORD)
        unlock(window.page, network.url)
        all_sent(window.page)
        context.close()

    there = told(portal, f"state({visit['task']})")
    saved = {key.split("/")[1]: value[0] for key, value in there["answers"].items() if value[0]}
    assert kept.items() <= saved.items()
    assert set(saved) - set(kept) <= doubtful
    assert there["versions"] == there["trail"] == len(saved)
    assert {name: re.sub(".*/", "", place) for place, name, _ in there["files"]} == files
    assert len(there["files"]) == KILLS
