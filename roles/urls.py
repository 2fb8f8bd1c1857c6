from django.urls import path

from kpm import converters  # noqa: F401  registers <case:…>

from .views import activity, commitment, commitment_sheet, guide, meeting, school_file, training, worklist

app_name = "roles"
urlpatterns = [
    path("kegiatan/", activity.activity_list, name="activity_list"),
    path("kegiatan/catat/", activity.activity_create, name="activity_create"),
    path("kegiatan/catat/cari/", activity.family_find, name="family_find"),
    path("kegiatan/peran/", guide.role_guide, name="role_guide"),
    path("kegiatan/langkah/<uuid:pk>/selesai/", worklist.step_done, name="step_done"),
    path("kegiatan/tunda/<case:case>/", worklist.postpone_family, name="postpone"),
    path("kegiatan/tunda/<case:case>/batal/", worklist.postpone_lift, name="postpone_lift"),
    path("kegiatan/<uuid:pk>/", activity.activity_detail, name="activity_detail"),
    path("kegiatan/<uuid:pk>/ubah/", activity.activity_edit, name="activity_edit"),
    path("kegiatan/<uuid:pk>/buka/", activity.activity_reopen, name="activity_reopen"),
    path("kegiatan/<uuid:pk>/foto/<uuid:photo>/", activity.activity_photo, name="activity_photo"),
    path("tujuan/langkah/<uuid:pk>/batal/", worklist.goal_step_reopen, name="goal_step_reopen"),
    path("pertemuan/", meeting.meeting_list, name="meeting_list"),
    path("pertemuan/cakupan/", meeting.meeting_coverage, name="meeting_coverage"),
    path("pertemuan/kelompok/<int:pk>/", meeting.meeting_plan, name="meeting_plan"),
    path("pertemuan/<uuid:pk>/", meeting.meeting_detail, name="meeting_detail"),
    path("pertemuan/<uuid:pk>/hadir/", meeting.meeting_hold, name="meeting_hold"),
    path("pertemuan/<uuid:pk>/perbaiki/", meeting.meeting_edit, name="meeting_edit"),
    path("pertemuan/<uuid:pk>/lembar/", meeting.meeting_sheet, name="meeting_sheet"),
    path("komitmen/", commitment.commitment_list, name="commitment_list"),
    path("komitmen/berkas/", school_file.school_file_list, name="school_file_list"),
    path("komitmen/berkas/<uuid:pk>/", school_file.school_file_detail, name="school_file_detail"),
    path("komitmen/berkas/<uuid:pk>/simpan/", school_file.school_file_store, name="school_file_store"),
    path(
        "komitmen/<slug:category>/<slug:month>/<slug:place>/",
        commitment.commitment_fill,
        name="commitment_fill",
    ),
    path(
        "komitmen/<slug:category>/<slug:month>/<slug:place>/formulir/",
        commitment_sheet.commitment_sheet,
        name="commitment_sheet",
    ),
    path(
        "komitmen/<slug:category>/<slug:month>/<slug:place>/formulir/pdf/",
        commitment_sheet.commitment_pdf,
        name="commitment_pdf",
    ),
    path("pelatihan/", training.training_demand, name="training_demand"),
    path("pelatihan/kebutuhan/<slug:code>/", training.training_need, name="training_need"),
    path("pelatihan/daftar/", training.training_list, name="training_list"),
    path("pelatihan/baru/", training.training_create, name="training_create"),
    path("pelatihan/pelatih/", training.trainer_list, name="trainer_list"),
    path("pelatihan/pelatih/baru/", training.trainer_create, name="trainer_create"),
    path("pelatihan/pelatih/<int:pk>/", training.trainer_edit, name="trainer_edit"),
    path("pelatihan/<uuid:pk>/", training.training_detail, name="training_detail"),
    path("pelatihan/<uuid:pk>/ubah/", training.training_edit, name="training_edit"),
    path("pelatihan/<uuid:pk>/undang/", training.training_invite, name="training_invite"),
    path("pelatihan/<uuid:pk>/hadir/", training.training_hold, name="training_hold"),
]
