from django.urls import path

from .views import dashboard, progress

app_name = "reports"
urlpatterns = [
    path("dasbor/", dashboard.dashboard, name="dashboard"),
    path("dasbor/angka/<slug:slug>/", dashboard.figure_rows, name="figure_rows"),
    path("dasbor/kemandirian/", progress.independence, name="independence"),
    path("dasbor/kemandirian/keluarga/", progress.independence_rows, name="independence_rows"),
]
