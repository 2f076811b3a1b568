from django.urls import URLPattern, URLResolver

from creditable.web.classroom import beat, completed, course, courses, exam, lesson, practice

app_name = "classroom"
urlpatterns: list[URLPattern | URLResolver] = [
    *courses.urlpatterns,
    *beat.urlpatterns,
    *course.urlpatterns,
    *exam.urlpatterns,
    *practice.urlpatterns,
    *completed.urlpatterns,
    *lesson.urlpatterns,
]
