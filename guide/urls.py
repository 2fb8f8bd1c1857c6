from django.urls import path

from . import views

app_name = "guide"
urlpatterns = [
    path("panduan/", views.contents, name="contents"),
    path("panduan/<slug:chapter>/", views.chapter, name="chapter"),
]
