from django.urls import path

from kpm import converters  # noqa: F401  registers <case:…>

from .views import business, enrolment, figures, programme

app_name = "sinergi"
urlpatterns = [
    path("sinergi/", programme.programme_list, name="programme_list"),
    path("sinergi/baru/", programme.programme_create, name="programme_create"),
    path("sinergi/<uuid:pk>/", programme.programme_detail, name="programme_detail"),
    path("sinergi/<uuid:pk>/ubah/", programme.programme_edit, name="programme_edit"),
    path("sinergi/<uuid:pk>/tahap/", programme.stage_edit, name="stage_edit"),
    path("sinergi/<uuid:pk>/tutup/", programme.programme_close, name="programme_close"),
    path("sinergi/<uuid:pk>/angka/", figures.programme_figures, name="programme_figures"),
    path("sinergi/<uuid:pk>/angka/keluarga/", figures.programme_rows, name="programme_rows"),
    path("sinergi/<uuid:pk>/laporan/", figures.programme_pdf, name="programme_pdf"),
    path("sinergi/<uuid:pk>/calon/", enrolment.candidate_list, name="candidate_list"),
    path("sinergi/<uuid:pk>/ikut/<case:case>/", enrolment.enrolment_create, name="enrolment_create"),
    path("sinergi/<uuid:pk>/maju/", enrolment.enrolment_advance, name="enrolment_advance"),
    path("sinergi/peserta/<uuid:pk>/", enrolment.enrolment_detail, name="enrolment_detail"),
    path("sinergi/peserta/<uuid:pk>/pindah/", enrolment.enrolment_move, name="enrolment_move"),
    path("sinergi/peserta/<uuid:pk>/keluar/", enrolment.enrolment_leave, name="enrolment_leave"),
    path("sinergi/<uuid:pk>/usaha/", business.business_list, name="business_list"),
    path("sinergi/<uuid:pk>/usaha/baru/", business.business_create, name="business_create"),
    path("sinergi/usaha/<uuid:pk>/", business.business_edit, name="business_edit"),
    path("sinergi/<uuid:pk>/anggaran/", business.budget_list, name="budget_list"),
    path("sinergi/<uuid:pk>/anggaran/baru/", business.budget_create, name="budget_create"),
    path("sinergi/anggaran/<int:pk>/", business.budget_edit, name="budget_edit"),
]
