from django.urls import path

from kpm import converters  # noqa: F401  registers <case:…>

from .views import activity, guide, worklist

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
]
