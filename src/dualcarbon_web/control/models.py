"""What editions say, as rows that pages read: editions, figures, standings."""

from __future__ import annotations

from typing import Any

from django.db import models


class Visible(models.QuerySet[Any]):
    """The scope filter: every read of a page goes through it."""

    def visible_to(self, user: Any) -> Visible:
        """Rows a person may see: published ones for all, the others for who is signed in."""
        if getattr(user, "is_authenticated", False):
            return self
        return self.filter(**{f"{self.model.SCOPE}released": True})


class Edition(models.Model):
    """A frozen result: standings of one plan on one date."""

    SCOPE = ""
    id = models.CharField(primary_key=True, max_length=16)
    plan = models.CharField(max_length=80)
    on = models.DateField()
    synthetic = models.BooleanField(default=False)
    released = models.BooleanField(default=False)
    period = models.CharField(max_length=16, blank=True)
    findings = models.JSONField(default=list)
    published_at = models.DateTimeField(auto_now_add=True)

    objects = Visible.as_manager()

    class Meta:
        ordering = ["-on", "-published_at"]
        indexes = [models.Index(fields=["plan", "on"])]


class Figure(models.Model):
    """One figure of an edition; the columns are those of the library's FIGURES."""

    SCOPE = "edition__"
    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="figures")
    row = models.IntegerField()
    indicator = models.CharField(max_length=80)
    subject_kind = models.CharField(max_length=16)
    subject = models.CharField(max_length=80)
    period = models.CharField(max_length=16)
    basis = models.CharField(max_length=16)
    value = models.FloatField(null=True)
    unit = models.CharField(max_length=40)
    vintage = models.CharField(max_length=16, null=True)
    origin = models.CharField(max_length=16)
    status = models.CharField(max_length=16)
    recorded_at = models.DateField(null=True)

    objects = Visible.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["edition", "indicator", "subject_kind", "subject"]),
            models.Index(fields=["edition", "subject_kind", "period"]),
        ]


class Standing(models.Model):
    """Where one commitment stands for one subject on the date of its edition."""

    SCOPE = "edition__"
    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="standings")
    row = models.IntegerField()
    commitment = models.CharField(max_length=16)
    indicator = models.CharField(max_length=80, null=True)
    subject_kind = models.CharField(max_length=16)
    subject = models.CharField(max_length=80)
    period = models.CharField(max_length=16)
    value = models.FloatField(null=True)
    declared = models.FloatField(null=True)
    unit = models.CharField(max_length=40, null=True)
    required = models.FloatField(null=True)
    gap = models.FloatField(null=True)
    needed = models.FloatField(null=True)
    levels = models.JSONField(default=list)
    severity = models.SmallIntegerField(null=True)
    state = models.CharField(max_length=16)
    reason_zh = models.TextField()
    reason_en = models.TextField()
    grade = models.CharField(max_length=1, null=True)

    objects = Visible.as_manager()

    class Meta:
        indexes = [models.Index(fields=["edition", "commitment", "subject_kind"])]

    @property
    def mark(self) -> str:
        """The key of the light: severity 0-3, `w` for watch, `x` without one."""
        if self.severity is not None:
            return str(self.severity)
        return "w" if self.state == "watch" else "x"

    @property
    def code(self) -> str:
        """The explain code."""
        return f"{self.edition_id}:standings:{self.row}"

    def reason(self, lang: str) -> str:
        """The sentence in the language of the page."""
        return self.reason_zh if lang == "zh" else self.reason_en
