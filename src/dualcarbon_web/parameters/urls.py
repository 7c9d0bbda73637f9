"""Addresses of parameters."""

from django.urls import path

from dualcarbon_web.parameters import views

urlpatterns = [
    path("parameters/", views.parameters, name="parameters"),
    path("parameters/<str:name>/", views.parameter, name="parameter"),
]
