from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_courses_and_banks")]

    operations = [
        migrations.AddField(
            model_name="courseversion",
            name="evaluation",
            field=models.JSONField(default=dict),
        ),
    ]
