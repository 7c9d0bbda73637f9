"""Addresses of the account."""

from django.urls import path

from dualcarbon_web.accounting import views

urlpatterns = [
    path("accounts/", views.accounts, name="accounts"),
    path("accounts/balance/", views.balance_page, name="balance"),
    path("accounts/drivers/", views.drivers_page, name="drivers"),
    path("accounts/reconciliation/", views.reconciliation_page, name="reconciliation"),
    path("accounts/editions/", views.compare_page, name="compare"),
    path("accounts/peak/", views.peak_page, name="peak"),
]
