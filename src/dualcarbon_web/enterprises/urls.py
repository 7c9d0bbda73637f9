"""Addresses of enterprises."""

from django.urls import path

from dualcarbon_web.enterprises import views

urlpatterns = [
    path("enterprises/", views.enterprises, name="enterprises"),
    path("enterprises/<str:code>/", views.enterprise, name="enterprise"),
]
