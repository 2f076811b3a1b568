from django.urls import URLPattern, URLResolver

from creditable.web.classroom import (
    beat,
    completed,
    course,
    courses,
    evaluation,
    exam,
    lesson,
    media,
    practice,
    record,
)

app_name = "classroom"
urlpatterns: list[URLPattern | URLResolver] = [
    *beat.urlpatterns,
    *courses.urlpatterns,
    *course.urlpatterns,
    *exam.urlpatterns,
    *practice.urlpatterns,
    *completed.urlpatterns,
    *evaluation.urlpatterns,
    *record.urlpatterns,
    *media.urlpatterns,
    *lesson.urlpatterns,
]
