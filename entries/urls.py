from django.urls import path

from . import views

app_name = "entries"
urlpatterns = [
    path("kiriman/", views.held_list, name="held_list"),
    path("kiriman/<int:pk>/", views.held_detail, name="held_detail"),
    path("kiriman/<int:pk>/foto/<int:photo>/", views.held_photo, name="held_photo"),
]
