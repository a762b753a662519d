"""The system refuses to start with half an installation."""

import ctypes.util

from django.core.checks.registry import registry

from metrostd.common import checks


def test_a_complete_installation_passes():
    assert checks.subset_library(None) == []
    assert checks.chinese_fonts(None) == []


def test_without_the_subsetter_of_fonts_nothing_starts(monkeypatch):
    monkeypatch.setattr(ctypes.util, "find_library", lambda name: None)

    [problem] = checks.subset_library(None)

    assert problem.id == "common.E001"
    assert problem.is_serious()
    assert "apt-get install libharfbuzz-subset0" in problem.hint


def test_without_the_list_of_fonts_there_is_a_warning(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))

    [problem] = checks.chinese_fonts(None)

    assert problem.id == "common.W001"
    assert not problem.is_serious()


def test_without_chinese_fonts_there_is_a_warning(monkeypatch, tmp_path):
    lister = tmp_path / "fc-list"
    lister.write_text("#!/bin/sh\nexit 0\n")
    lister.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    [problem] = checks.chinese_fonts(None)

    assert "fonts-noto-cjk" in problem.hint


def test_the_checks_are_registered():
    assert {checks.subset_library, checks.chinese_fonts} <= set(registry.get_checks())
