"""Where pages hang. Each face lists its own. Addresses are tried in this order: what the classroom
is asked twice a minute comes first, and what hangs below no word of its own comes last."""

from django.conf import settings
from django.urls import include, path

urlpatterns = [
    path("learn/", include("creditable.web.classroom.urls")),
    path("account/", include("creditable.web.account.urls")),
    path("account/", include("creditable.web.account.entrance")),
    path("console/", include("creditable.web.console.urls")),
    path("hooks/", include("creditable.web.hooks.urls")),
    path("ui/", include("creditable.web.ui.urls")),
    path("", include("creditable.web.shop.urls")),
    path("", include("creditable.web.account.choice_links")),
    path("", include("creditable.ops.health")),
]
if settings.DEMO:
    urlpatterns.append(path("demo/", include("creditable.ops.demo")))

handler400 = "creditable.web.ui.errors.bad_request"
handler403 = "creditable.web.ui.errors.permission_denied"
handler404 = "creditable.web.ui.errors.page_not_found"
handler500 = "creditable.web.ui.errors.server_error"
