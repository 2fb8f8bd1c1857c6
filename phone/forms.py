"""What a phone says of itself, and the file of what it could not send."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from pkh_casework.asked import asked_text, number_in
from pkh_casework.forms import OneFileField

from .backup import MOST_BYTES, BadBackup, read_backup

YEAR = timedelta(days=366)


class News(NamedTuple):
    """What one phone says, as phone.operations.hear_from takes it; None (of the clock: 0) where it says nothing readable."""

    pk: UUID | None
    app_version: str
    waiting: int | None
    waiting_since: datetime | None
    skew_s: int


def phone_of(sent):
    """The id in `sent` (a QueryDict), or None."""
    try:
        return UUID(sent.get("phone", ""))
    except ValueError:
        return None


def app_of(sent):
    """The version of the app that `sent` (a QueryDict) names, as far as it is one line of printable text."""
    return _said(sent)["app"]


def news_in(sent):
    """The News in `sent`, a QueryDict: `phone`, `app`, `waiting`, `since` and `at`, both in ms of the phone's own clock.

    A form would cost more than the rest of the answer. What is odd is left out.
    """
    now, said = timezone.now(), _said(sent)
    at, since = _moment(said["at"]), _moment(said["since"])
    # By the phone's own clock, right or wrong: so long before this moment.
    waited = at - since if at and since and timedelta() <= at - since <= YEAR else None
    return News(
        pk=phone_of(sent),
        app_version=said["app"],
        waiting=number_in(said["waiting"]),
        waiting_since=now - waited if waited is not None else None,
        skew_s=round((at - now).total_seconds()) if at else 0,
    )


def _said(sent):
    """{name: one line of text} of what a phone says in words and numbers."""
    texts = {name: asked_text(sent, name) for name in ("app", "waiting", "since", "at")}
    return {name: text if text.isprintable() else "" for name, text in texts.items()}


def _moment(text):
    """The moment that `text`, milliseconds since the epoch, names; None for any other text."""
    if not (text.isascii() and text.isdigit() and len(text) <= 14):
        return None
    return datetime.fromtimestamp(int(text) / 1000, UTC)


class BackupForm(forms.Form):
    """The file that a phone of the area made; `backup` (phone.backup.Backup) once it is valid."""

    berkas = OneFileField(
        label="Berkas cadangan",
        help_text=f"Berkas dari tombol Simpan cadangan di HP pendamping, paling besar {MOST_BYTES // 1_000_000} MB.",
        kinds=".json,application/json",
        choose="Pilih berkas cadangannya.",
        empty="Berkas itu kosong. Simpan cadangan sekali lagi di HP-nya.",
    )

    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.by = by

    def clean_berkas(self):
        try:
            self.backup = read_backup(self.cleaned_data["berkas"], by=self.by)
        except BadBackup as bad:
            raise ValidationError(str(bad)) from bad
        return self.cleaned_data["berkas"]
