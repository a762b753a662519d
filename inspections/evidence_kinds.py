"""Which kind of evidence a file can be: what the person says, as far as the content bears it."""

from django.core.exceptions import ValidationError

from metrostd.common.content import DOCX, MEDIA, PHOTOS, VIDEO, XLSX

from .enums import EvidenceKind

#: Contents that a kind must have; the other kinds may be any of them.
_BEARS = {
    EvidenceKind.PHOTO: PHOTOS,
    EvidenceKind.SOUND: MEDIA - VIDEO,
    EvidenceKind.VIDEO: VIDEO,
}
_PAPERS = frozenset(
    {EvidenceKind.SCAN, EvidenceKind.COPY, EvidenceKind.E_DATA, EvidenceKind.SITE_RECORD}
)


def evidence_kind(chosen: str, media_type: str) -> EvidenceKind:
    """The kind of a new piece of evidence; told by the content when the person says nothing.

    Raises ValidationError when the file cannot be what was chosen.
    """
    if chosen not in EvidenceKind.values:
        return _by_content(media_type)
    kind = EvidenceKind(chosen)
    fits = media_type in _BEARS[kind] if kind in _BEARS else True
    if kind in _PAPERS - {EvidenceKind.E_DATA}:
        fits = media_type not in MEDIA
    if not fits:
        found = _by_content(media_type).label
        raise ValidationError(
            f"证据种类选的是“{kind.label}”，文件的内容是{found}。请改选种类，或重新选择文件。"
        )
    return kind


def _by_content(media_type: str) -> EvidenceKind:
    if media_type in PHOTOS:
        return EvidenceKind.PHOTO
    if media_type in MEDIA:
        return EvidenceKind.VIDEO if media_type in VIDEO else EvidenceKind.SOUND
    return EvidenceKind.E_DATA if media_type in {XLSX, DOCX} else EvidenceKind.SCAN
