from django.urls import path

from kpm import converters  # noqa: F401  registers <case:…>

from . import views

app_name = "desk"
urlpatterns = [
    path("", views.today, name="today"),
    path("hari-ini/menunggu/", views.families_waiting, name="families_waiting"),
    path("hari-ini/ringkasan/", views.day_summary, name="day_summary"),
    path("hari-ini/jalan/", views.trip, name="trip"),
    path("hari-ini/jalan/cetak/", views.trip_paper, name="trip_paper"),
    path("lainnya/", views.more, name="more"),
    path("kpm/<case:case>/", views.household_detail, name="household_detail"),
    path("kpm/<case:case>/riwayat/", views.household_history, name="household_history"),
    path("kpm/<case:case>/keluarga/", views.household_family, name="household_family"),
    path("kpm/<case:case>/rencana/", views.household_plan, name="household_plan"),
    path("kpm/<case:case>/tunjukkan/", views.family_show, name="family_show"),
    path("kpm/<case:case>/tunjukkan/cetak/", views.family_sheet_pdf, name="family_sheet_pdf"),
    path("kpm/<case:case>/tunjukkan/gambar/", views.family_sheet_png, name="family_sheet_png"),
]
