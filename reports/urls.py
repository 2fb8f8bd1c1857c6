from django.urls import path

from . import views

app_name = "reports"
urlpatterns = [
    path("dasbor/", views.dashboard, name="dashboard"),
    path("dasbor/angka/<slug:slug>/", views.figure_rows, name="figure_rows"),
]
