from django.db import migrations

from metrostd.trail.protection import Protected


class Migration(migrations.Migration):

    dependencies = [
        ('trail', '0001_initial'),
        ('common', '0006_papers'),
    ]

    operations = [Protected()]
