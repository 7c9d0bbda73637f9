"""Accounts as pages read them: the edition, its lines, and what was analysed from it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from dualcarbon_web.control.models import Visible


def holding(edition: str) -> Q:
    """Accounts that an edition of the library belongs to: as cuts, as run or as analysis."""
    return Q(pk=edition) | Q(run=edition) | Q(analyses__code=edition)


class Account(models.Model):
    """A frozen run of a plan's city, cut by subject, industry and carrier.

    `id` is the edition of the cuts, `run` that of the run. `known` are the periods reported,
    `periods` those that can be asked for, in the order of the edition's table.
    """

    SCOPE = ""
    id = models.CharField(primary_key=True, max_length=16)
    run = models.CharField(max_length=16)
    plan = models.CharField(max_length=80)
    on = models.DateField()
    method = models.CharField(max_length=80)
    gwp = models.CharField(max_length=40)
    synthetic = models.BooleanField(default=False)
    released = models.BooleanField(default=False)
    gases = models.JSONField(default=list)
    known = models.JSONField(default=list)
    periods = models.JSONField(default=list)
    findings = models.JSONField(default=list)
    unmatched = models.JSONField(default=list)
    published_at = models.DateTimeField(auto_now_add=True)

    objects = Visible.as_manager()

    class Meta:
        ordering = ["-on", "-published_at"]
        indexes = [models.Index(fields=["plan", "on"])]


class Line(models.Model):
    """One series of an account: whole grams by gas and reported period.

    `own`: as the subject reports, else as its enterprises do. Industry or carrier "" is all of
    them. `amounts[gas]` has one entry for each of the account's `known` periods (null: absent).
    `area` and `of_industry` say where an enterprise belongs.
    """

    SCOPE = "account__"
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="lines")
    number = models.IntegerField()
    subject_kind = models.CharField(max_length=16)
    subject = models.CharField(max_length=80)
    own = models.BooleanField()
    industry = models.CharField(max_length=40, blank=True)
    carrier = models.CharField(max_length=80, blank=True)
    area = models.CharField(max_length=80, blank=True)
    of_industry = models.CharField(max_length=40, blank=True)
    of_section = models.CharField(max_length=40, blank=True)
    amounts = models.JSONField(default=dict)
    unmatched = models.JSONField(default=dict)
    statuses = models.JSONField(default=dict)
    units = models.JSONField(default=list)

    objects = Visible.as_manager()

    class Meta:
        ordering = ["number"]
        indexes = [
            models.Index(fields=["account", "subject_kind", "subject", "own"]),
            models.Index(fields=["account", "subject_kind", "carrier", "area"]),
        ]


class Analysis(models.Model):
    """What the library found out from an account or beside it, as it answered.

    `kind`: flows, drivers, compare, reconcile, peak. `code` is the library's edition where there
    is one. `content` is the answer of the library's command.
    """

    SCOPE = "account__"
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="analyses")
    kind = models.CharField(max_length=16)
    key = models.CharField(max_length=80)
    code = models.CharField(max_length=16, blank=True)
    content = models.JSONField(default=dict)

    objects = Visible.as_manager()

    class Meta:
        ordering = ["kind", "key"]
        constraints = [
            models.UniqueConstraint(fields=["account", "kind", "key"], name="one_analysis_a_key")
        ]
