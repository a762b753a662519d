"""A case belongs to a visit; the finding it is about may be missing when the visit was refused."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def take_visit_of_finding(apps, schema_editor):
    referral = apps.get_model("rectification", "CaseReferral")
    finding = apps.get_model("inspections", "Finding")
    task = finding.objects.filter(pk=OuterRef("finding")).values("task")[:1]
    referral.objects.update(task=Subquery(task))


class Migration(migrations.Migration):
    dependencies = [
        ("inspections", "0005_acceptance"),
        ("rectification", "0005_words_of_papers"),
    ]

    operations = [
        migrations.AddField(
            model_name="casereferral",
            name="task",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="referrals",
                to="inspections.inspectiontask",
            ),
        ),
        migrations.AlterField(
            model_name="casereferral",
            name="finding",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="referrals",
                to="inspections.finding",
            ),
        ),
        migrations.RunPython(take_visit_of_finding, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="casereferral",
            name="task",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="referrals",
                to="inspections.inspectiontask",
            ),
        ),
    ]
