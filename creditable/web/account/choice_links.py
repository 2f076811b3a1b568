"""/choices/: what people let us do, by the signed link that stands in a mail."""

from creditable.web.account import choices

app_name = "choices"
urlpatterns = choices.link_urlpatterns
