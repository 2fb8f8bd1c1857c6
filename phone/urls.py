from django.urls import path

from .views import offline, phones

app_name = "phone"
urlpatterns = [
    path("hp/", phones.phone_here, name="phone_here"),
    path("hp/buka/", phones.phone_unlock, name="phone_unlock"),
    path("hp/daftarkan/", phones.phone_register, name="phone_register"),
    path("hp/kunci/", phones.phone_open, name="phone_open"),
    path("hp/kabar/", phones.phone_hear, name="phone_hear"),
    path("hp/daftar/", phones.phone_list, name="phone_list"),
    path("hp/cadangan/", phones.backup_upload, name="backup_upload"),
    path("hp/<uuid:pk>/hapus/", phones.phone_end, name="phone_end"),
    path("sw.js", offline.service_worker, name="service_worker"),
    path("hp/bekal/", offline.bundle, name="bundle"),
    path("hp/tanda/", offline.token, name="token"),
    path("hp/belum-ada/", offline.not_ahead, name="not_ahead"),
    path("hp/kirim/", offline.send, name="send"),
    path("hp/foto/<slug:sha256>/", offline.photo_piece, name="photo_piece"),
]
