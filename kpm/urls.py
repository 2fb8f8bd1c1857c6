from django.urls import path

from . import converters  # noqa: F401  registers <case:…>
from .views import caseload, group, household, identity, member

app_name = "kpm"
urlpatterns = [
    path("kpm/", caseload.household_list, name="household_list"),
    path("kpm/baru/", household.household_create, name="household_create"),
    path("kpm/cari-nomor/", identity.identity_search, name="identity_search"),
    path("kpm/<case:case>/ubah/", household.household_edit, name="household_edit"),
    path("kpm/<case:case>/nomor/", identity.identity_reveal, name="identity_reveal"),
    path("kpm/<case:case>/anggota/baru/", member.member_create, name="member_create"),
    path("kpm/<case:case>/anggota/<uuid:pk>/", member.member_edit, name="member_edit"),
    path("kelompok/", group.group_list, name="group_list"),
    path("kelompok/baru/", group.group_create, name="group_create"),
    path("kelompok/<int:pk>/", group.group_edit, name="group_edit"),
]
