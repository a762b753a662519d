"""Which kind of evidence a file can be: every kind can be chosen where the content bears it, and nothing else."""

import pytest
from django.core.exceptions import ValidationError

from inspections.enums import EvidenceKind
from inspections.evidence_kinds import evidence_kind
from metrostd.common.content import DOCX, JPEG, MEDIA, PDF, PHOTOS, VIDEO, XLSX

SOUND = sorted(MEDIA - VIDEO)[0]
FILM = sorted(VIDEO)[0]
K = EvidenceKind

#: What each content may be called; the first is what it is called when nobody says.
MAY_BE = {
    JPEG: [K.PHOTO, K.SCAN, K.COPY, K.E_DATA, K.SITE_RECORD],
    PDF: [K.SCAN, K.COPY, K.E_DATA, K.SITE_RECORD],
    XLSX: [K.E_DATA, K.SCAN, K.COPY, K.SITE_RECORD],
    DOCX: [K.E_DATA, K.SCAN, K.COPY, K.SITE_RECORD],
    SOUND: [K.SOUND, K.E_DATA],
    FILM: [K.VIDEO, K.E_DATA],
}


@pytest.mark.parametrize("media_type", MAY_BE)
def test_a_kind_can_be_chosen_where_the_content_bears_it(media_type):
    taken = set()
    for kind in EvidenceKind:
        try:
            assert evidence_kind(kind.value, media_type) == kind
        except ValidationError:
            continue
        taken.add(kind)

    assert taken == set(MAY_BE[media_type])


def test_every_kind_can_be_chosen_for_some_content():
    assert {kind for kinds in MAY_BE.values() for kind in kinds} == set(EvidenceKind)


@pytest.mark.parametrize("said", ["", "nonsense"])
@pytest.mark.parametrize("media_type", MAY_BE)
def test_the_content_says_what_nobody_said(media_type, said):
    assert evidence_kind(said, media_type) == MAY_BE[media_type][0]


@pytest.mark.parametrize("media_type", sorted(PHOTOS))
def test_every_picture_is_a_photograph(media_type):
    assert evidence_kind("", media_type) == K.PHOTO


def test_a_refusal_names_what_was_chosen_and_what_was_found():
    with pytest.raises(ValidationError, match="选的是“录音”，文件的内容是照片"):
        evidence_kind(K.SOUND, JPEG)
