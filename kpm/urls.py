from django.urls import path

from . import converters  # noqa: F401  registers <case:…>
from .views import (
    assessment,
    benefit,
    caseload,
    goal,
    graduation,
    group,
    household,
    identity,
    instrument,
    member,
)

app_name = "kpm"
urlpatterns = [
    path("kpm/", caseload.household_list, name="household_list"),
    path("kpm/baru/", household.household_create, name="household_create"),
    path("kpm/akan-berakhir/", benefit.exit_list, name="exit_list"),
    path("kpm/cari-nomor/", identity.identity_search, name="identity_search"),
    path("kpm/<case:case>/ubah/", household.household_edit, name="household_edit"),
    path("kpm/<case:case>/nomor/", identity.identity_reveal, name="identity_reveal"),
    path("kpm/<case:case>/anggota/baru/", member.member_create, name="member_create"),
    path("kpm/<case:case>/anggota/<uuid:pk>/", member.member_edit, name="member_edit"),
    path("kelompok/", group.group_list, name="group_list"),
    path("kelompok/baru/", group.group_create, name="group_create"),
    path("kelompok/<int:pk>/", group.group_edit, name="group_edit"),
    path("asesmen/", assessment.assessment_list, name="assessment_list"),
    path("asesmen/<case:case>/", assessment.assessment_create, name="assessment_create"),
    path("asesmen/<uuid:pk>/", assessment.assessment_detail, name="assessment_detail"),
    path("asesmen/<uuid:pk>/ubah/", assessment.assessment_edit, name="assessment_edit"),
    path("instrumen/", instrument.instrument_detail, name="instrument_detail"),
    path("tujuan/", goal.goal_list, name="goal_list"),
    path("tujuan/baru/<case:case>/", goal.goal_create, name="goal_create"),
    path("tujuan/belum/<case:case>/", goal.goal_defer, name="goal_defer"),
    path("tujuan/<uuid:pk>/ubah/", goal.goal_edit, name="goal_edit"),
    path("tujuan/<uuid:pk>/tutup/", goal.goal_close, name="goal_close"),
    path("tujuan/<uuid:pk>/langkah/", goal.step_create, name="step_create"),
    path("tujuan/langkah/<uuid:pk>/ubah/", goal.step_edit, name="step_edit"),
    path("graduasi/", graduation.graduation_list, name="graduation_list"),
    path("graduasi/baru/<case:case>/", graduation.graduation_create, name="graduation_create"),
    path("graduasi/<uuid:pk>/ubah/", graduation.graduation_edit, name="graduation_edit"),
    path("graduasi/<uuid:pk>/berkas/<int:file>/", graduation.graduation_file, name="graduation_file"),
    path("graduasi/<uuid:pk>/berita-acara/", graduation.graduation_pdf, name="graduation_pdf"),
    path("graduasi/<uuid:pk>/cek/<int:months>/", graduation.watch_check, name="watch_check"),
]
