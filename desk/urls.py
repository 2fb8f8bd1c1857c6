from django.urls import path

from kpm import converters  # noqa: F401  registers <case:…>

from . import views

app_name = "desk"
urlpatterns = [
    path("", views.today, name="today"),
    path("lainnya/", views.more, name="more"),
    path("kpm/<case:case>/", views.household_detail, name="household_detail"),
]
