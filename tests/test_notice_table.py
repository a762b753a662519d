"""The table of the notice's clauses is whole, and its document is the one written from it."""

from tests import clauses


def test_every_clause_has_its_page_and_its_tests():
    assert sorted(clauses.CLAUSES) == list(range(1, 71))
    assert clauses.missing_tests() == []
    assert all(clause.tests and clause.page.words for clause in clauses.CLAUSES.values())


def test_the_document_is_written_from_the_table(settings):
    now = clauses.document()
    left = settings.BASE_DIR / "var" / "notice.md"
    left.parent.mkdir(exist_ok=True)
    left.write_text(now, encoding="utf-8")

    assert clauses.DOCUMENT.read_text(encoding="utf-8") == now
