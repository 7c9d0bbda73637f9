"""Addresses of the control room."""

from django.urls import path

from dualcarbon_web.control import views

urlpatterns = [
    path("", views.board, name="board"),
    path("area/<str:code>/", views.district, name="district"),
    path("explain/<str:code>/", views.explain, name="explain"),
    path("findings/<str:edition>/", views.findings, name="findings"),
]
