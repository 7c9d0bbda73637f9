"""Enterprises: who they are, where they stand and who assesses them."""

from __future__ import annotations

from typing import Any

from django.db import models


class Enterprises(models.QuerySet[Any]):
    """The scope filter of enterprises."""

    def visible_to(self, user: Any) -> Enterprises:
        """All of a synthetic city; real ones only for who is signed in."""
        if getattr(user, "is_authenticated", False):
            return self
        return self.filter(synthetic=True)


class Enterprise(models.Model):
    """A key energy-using unit; an absent name or tier is empty, never invented."""

    code = models.CharField(max_length=80, unique=True)
    name_zh = models.CharField(max_length=200, blank=True)
    name_en = models.CharField(max_length=200, blank=True)
    industry = models.CharField(max_length=8, blank=True)
    located_in = models.CharField(max_length=20, blank=True)
    assessed_by = models.CharField(max_length=80, blank=True)
    tier = models.CharField(max_length=40, blank=True)
    sector = models.CharField(max_length=40, blank=True)
    synthetic = models.BooleanField(default=False)

    objects = Enterprises.as_manager()

    class Meta:
        ordering = ["code"]
        indexes = [models.Index(fields=["located_in"]), models.Index(fields=["industry"])]

    def name(self, lang: str) -> str:
        """The name in the language of the page, else the other one, else the code."""
        first, second = (
            (self.name_zh, self.name_en) if lang == "zh" else (self.name_en, self.name_zh)
        )
        return first or second or self.code


class Consumption(models.Model):
    """Energy of one enterprise in one month, in tce, as the last edition's activity gives it."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="months")
    month = models.CharField(max_length=7)
    grams = models.BigIntegerField()

    class Meta:
        ordering = ["month"]
        constraints = [
            models.UniqueConstraint(fields=["enterprise", "month"], name="one_row_a_month")
        ]
