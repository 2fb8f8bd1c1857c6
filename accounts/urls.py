from django.urls import path

from .views import profile, session, staff

app_name = "accounts"
urlpatterns = [
    path("masuk/", session.login, name="login"),
    path("keluar/", session.logout, name="logout"),
    path("akun/aktivasi/", session.activate, name="activate"),
    path("akun/", profile.profile, name="profile"),
    path("akun/sandi/", profile.password_change, name="password_change"),
    path("akun/sesi/<int:pk>/akhiri/", profile.session_end, name="session_end"),
    path("petugas/", staff.user_list, name="user_list"),
    path("petugas/baru/", staff.user_create, name="user_create"),
    path("petugas/<int:pk>/", staff.user_detail, name="user_detail"),
    path("petugas/<int:pk>/ubah/", staff.user_edit, name="user_edit"),
    path("petugas/<int:pk>/kode/", staff.user_code, name="user_code"),
    path("petugas/<int:pk>/nonaktif/", staff.user_disable, name="user_disable"),
    path("petugas/<int:pk>/buka-kunci/", staff.user_unlock, name="user_unlock"),
]
