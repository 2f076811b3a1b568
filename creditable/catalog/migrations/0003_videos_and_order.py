import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0002_evaluation'),
    ]

    operations = [
        migrations.AddField(
            model_name='courseversion',
            name='in_order',
            field=models.BooleanField(default=False),
        ),
        migrations.RunSQL(
            'ALTER TABLE catalog_media ALTER COLUMN content SET STORAGE EXTERNAL',
            'ALTER TABLE catalog_media ALTER COLUMN content SET STORAGE EXTENDED',
        ),
        migrations.CreateModel(
            name='Video',
            fields=[
                ('lesson', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='video', serialize=False, to='catalog.lesson')),
                ('milliseconds', models.PositiveIntegerField()),
                ('width', models.PositiveIntegerField()),
                ('height', models.PositiveIntegerField()),
                ('transcript', models.JSONField()),
                ('captions', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.media')),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.media')),
            ],
        ),
        migrations.AddConstraint(
            model_name='video',
            constraint=models.CheckConstraint(condition=models.Q(('milliseconds__gt', 0)), name='catalog_video_lasts'),
        ),
    ]
