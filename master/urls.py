from django.urls import path

from . import views

app_name = "master"
urlpatterns = [
    path("data-induk/", views.table_list, name="table_list"),
    path("data-induk/usulan/<uuid:pk>/", views.proposal_detail, name="proposal_detail"),
    path("data-induk/<str:table>/", views.table_detail, name="table_detail"),
    path("data-induk/<str:table>/tabel.csv", views.table_csv, name="table_csv"),
    path("data-induk/<str:table>/usul/", views.row_propose, name="row_propose"),
    path("data-induk/<str:table>/berkas/", views.file_propose, name="file_propose"),
]
