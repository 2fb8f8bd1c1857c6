from django.urls import path

from kpm import converters  # noqa: F401  registers <case:…>

from . import graduation, views

app_name = "desk"
urlpatterns = [
    path("", views.today, name="today"),
    path("lainnya/", views.more, name="more"),
    path("kpm/<case:case>/", views.household_detail, name="household_detail"),
    path("kpm/<case:case>/kemandirian/", views.household_independence, name="household_independence"),
    path("kpm/<case:case>/kemandirian/cetak/", views.life_map_pdf, name="life_map_pdf"),
    path("graduasi/siap/", graduation.graduation_ready, name="graduation_ready"),
    path("graduasi/<uuid:pk>/", graduation.graduation_detail, name="graduation_detail"),
    path("graduasi/<uuid:pk>/langkah/<slug:move>/", graduation.graduation_move, name="graduation_move"),
]
