"""Where machines outside call us; each module lists its own addresses."""

from creditable.web.hooks import authorities, eligibility, payments

app_name = "hooks"
urlpatterns = [*payments.urlpatterns, *authorities.urlpatterns, *eligibility.urlpatterns]
