"""Findings name campaign and office as their task does; counts and lists are read from indexes."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import OuterRef, Subquery


_COUNTED = ("state", "kind", "drawn_unit", "unvisited_at")


def fill(apps, schema_editor):
    finding = apps.get_model("inspections", "Finding")
    task = apps.get_model("inspections", "InspectionTask").objects.filter(pk=OuterRef("task"))
    finding.objects.update(
        campaign=Subquery(task.values("campaign")[:1]),
        authority=Subquery(task.values("authority")[:1]),
    )


def _place(to, related_name, *, editable=False, **more):
    return models.ForeignKey(
        db_index=False,
        editable=editable,
        on_delete=django.db.models.deletion.PROTECT,
        related_name=related_name,
        to=to,
        **more,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0014_by_day"),
        ("inspections", "0009_taken_back"),
        ("registry", "0012_scope"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="finding", name="finding_by_day"),
        migrations.AddField("finding", "authority", _place("registry.authority", "+", null=True)),
        migrations.AddField(
            "finding", "campaign", _place("campaigns.campaign", "findings", null=True)
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField("finding", "authority", _place("registry.authority", "+")),
        migrations.AlterField("finding", "campaign", _place("campaigns.campaign", "findings")),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(fields=["campaign", "state", "due_on"], name="finding_by_state"),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(fields=["campaign", "due_on", "id", "state"], name="finding_by_day"),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(
                fields=["authority", "campaign", "state", "due_on"], name="finding_of_office"
            ),
        ),
        migrations.RemoveIndex(model_name="inspectiontask", name="task_by_authority"),
        migrations.RemoveIndex(model_name="inspectiontask", name="task_by_unit"),
        migrations.AlterField(
            "inspectiontask", "campaign", _place("campaigns.campaign", "tasks", editable=True)
        ),
        migrations.AddIndex(
            model_name="inspectiontask",
            index=models.Index(
                fields=["campaign", "authority", "state", "drawn_unit"], name="task_by_authority"
            ),
        ),
        migrations.AddIndex(
            model_name="inspectiontask",
            index=models.Index(fields=["campaign", "unit", *_COUNTED], name="task_of_unit"),
        ),
        migrations.AddIndex(
            model_name="inspectiontask",
            index=models.Index(
                fields=["campaign", "authority", "unit", *_COUNTED], name="task_of_office"
            ),
        ),
    ]
