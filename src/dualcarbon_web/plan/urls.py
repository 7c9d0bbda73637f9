"""Addresses of the plan."""

from django.urls import path

from dualcarbon_web.plan import views

urlpatterns = [
    path("commitments/", views.wall_page, name="wall"),
    path("commitments/<str:number>/", views.commitment, name="commitment"),
    path("coverage/", views.coverage, name="coverage"),
]
