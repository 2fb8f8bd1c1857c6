"""One include per app; addresses are Indonesian, plural-free and stable."""

from django.urls import include, path

from . import health

handler500 = "pkh_casework.errors.server_error"
urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", include("accounts.urls")),
    path("", include("guide.urls")),
    path("", include("desk.urls")),
    path("", include("phone.urls")),
    path("", include("master.urls")),
    path("", include("kpm.urls")),
    path("", include("roster.urls")),
    path("", include("resources.urls")),
    path("", include("roles.urls")),
    path("", include("sinergi.urls")),
    path("", include("reports.urls")),
    path("", include("entries.urls")),
    path("", include("wilayah.urls")),
]
