from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('common', '0009_kept_lists'),
    ]

    operations = [
        migrations.AddField(
            model_name='job',
            name='reached',
            field=models.JSONField(default=dict, editable=False),
        ),
    ]
