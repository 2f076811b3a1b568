"""What is on sale, for pages: the newest version of each course, in few queries."""

from collections.abc import Iterable

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet

from creditable.catalog.models import CourseVersion, Lesson, Media

LINE = (
    *("course__slug", "title", "subtitle", "summary", "subject", "delivery", "picture"),
    "credit_minutes",
)


def newest() -> QuerySet[CourseVersion]:
    """The version on sale of every course, with its course (one query)."""
    newer = CourseVersion.objects.filter(course=OuterRef("course"), number__gt=OuterRef("number"))
    return CourseVersion.objects.filter(~Exists(newer)).select_related("course")


def listing(query: str = "") -> QuerySet[CourseVersion]:
    """The courses on sale whose title, subtitle or summary holds every word of `query`, by
    title, with their approvals and with what a line of a list says of them (two queries)."""
    found = newest().prefetch_related("course__approvals").only(*LINE).order_by("title")
    for word in query.replace("\x00", " ").split():
        found = found.filter(
            Q(title__icontains=word) | Q(subtitle__icontains=word) | Q(summary__icontains=word)
        )
    return found


def course(slug: str) -> QuerySet[CourseVersion]:
    """The version on sale of one course, with its approvals and the outline of its lessons,
    without their text; `film` is the length of a lesson's video in milliseconds, None without one
    (three queries)."""
    lessons = Lesson.objects.defer("html").annotate(film=F("video__milliseconds"))
    outline = Prefetch("lessons", queryset=lessons)
    return newest().filter(course__slug=slug).prefetch_related("course__approvals", outline)


def picture(slug: str) -> Media | None:
    """The cover of the version on sale, which anyone may see (one query)."""
    on_sale = newest().filter(course__slug=slug).exclude(picture="").values("pk", "picture")[:1]
    return Media.objects.filter(
        version__in=on_sale.values("pk"), path__in=on_sale.values("picture")
    ).first()


def modules(lessons: Iterable[Lesson]) -> list[tuple[str, list[Lesson]]]:
    """Lessons in their order, grouped by module."""
    groups: list[tuple[str, list[Lesson]]] = []
    for lesson in lessons:
        if not groups or groups[-1][0] != lesson.module_title:
            groups.append((lesson.module_title, []))
        groups[-1][1].append(lesson)
    return groups
