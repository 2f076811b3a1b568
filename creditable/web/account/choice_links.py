"""What a signed link opens by itself: /choices/, what people let us do, from a mail; /calendar/,
their deadlines, for a calendar program."""

from creditable.web.account import calendar, choices

app_name = "choices"
urlpatterns = [*choices.link_urlpatterns, *calendar.link_urlpatterns]
