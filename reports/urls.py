from django.urls import path

from .views import dashboard, progress, rhk

app_name = "reports"
urlpatterns = [
    path("dasbor/", dashboard.dashboard, name="dashboard"),
    path("dasbor/angka/<slug:slug>/", dashboard.figure_rows, name="figure_rows"),
    path("dasbor/kemandirian/", progress.independence, name="independence"),
    path("dasbor/kemandirian/keluarga/", progress.independence_rows, name="independence_rows"),
    path("laporan/rhk/", rhk.rhk_list, name="rhk_list"),
    path("laporan/rhk/bulan.pdf", rhk.rhk_month_pdf, name="rhk_month_pdf"),
    path("laporan/rhk/bulan.zip", rhk.rhk_month_docx, name="rhk_month_docx"),
    path("laporan/rhk/<uuid:pk>.pdf", rhk.rhk_pdf, name="rhk_pdf"),
    path("laporan/rhk/<uuid:pk>.docx", rhk.rhk_docx, name="rhk_docx"),
]
