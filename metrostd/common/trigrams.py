"""Indexes that answer "contains this text" on PostgreSQL; other databases read the column through."""

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class TrigramIndex(Operation):
    """A GIN index over the three-letter pieces of a text column (extension ``pg_trgm``).

    The extension is trusted since PostgreSQL 13: the owner of the database may create it. Chinese
    text is indexed when the database's character type knows it (any UTF-8 locale but ``C``).
    Texts shorter than three characters are found by reading the column.
    """

    reversible = True

    def __init__(self, model: str, column: str) -> None:
        self.model = model
        self.column = column

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Models know nothing of it: a query is the same with and without."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        if schema_editor.connection.vendor != "postgresql":
            return
        table = to_state.apps.get_model(app_label, self.model)._meta.db_table
        quote = schema_editor.quote_name
        schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        schema_editor.execute(
            f"CREATE INDEX IF NOT EXISTS {quote(self._name)} ON {quote(table)} "
            f"USING gin ({quote(self.column)} gin_trgm_ops)"
        )

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        if schema_editor.connection.vendor == "postgresql":
            name = schema_editor.quote_name(self._name)
            schema_editor.execute(f"DROP INDEX IF EXISTS {name}")

    def describe(self) -> str:
        return f"Create trigram index on {self.model}.{self.column}"

    @property
    def _name(self) -> str:
        return f"{self.model}_{self.column}_contains"

    @property
    def migration_name_fragment(self) -> str:
        return self._name
