"""Addresses of the account."""

from django.urls import path

from dualcarbon_web.accounting import views

urlpatterns = [
    path("accounts/", views.accounts, name="accounts"),
    path("accounts/balance/", views.balance_page, name="balance"),
    path("accounts/drivers/", views.drivers_page, name="drivers"),
]
