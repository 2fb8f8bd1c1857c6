"""Notices: what became ready or is due, told once each in the app and, where it can be, by e-mail."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from pkh_casework.ids import uuid7


class MailChoice(models.Model):
    """Where and whether a user has notices by e-mail; without a row, or without an address, not at all."""

    personal_fields = frozenset({"address"})

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, primary_key=True, related_name="mail_choice"
    )
    address = models.EmailField("alamat surel", blank=True)
    wanted = models.BooleanField("kirim lewat surel", default=True)

    class Meta:
        verbose_name = "pilihan surel"


class NoticeQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The own notices."""
        return self.filter(user=user)

    def unread(self):
        return self.filter(read_at=None)

    def troubled(self):
        """Those whose e-mail did not leave at the last try."""
        return self.exclude(mail_fault="").exclude(mail=Notice.Mail.SENT)


class Notice(models.Model):
    """One thing told to one user, once for each `key`. It names no family: `words` say what, `path` leads there.

    `mail` is empty where no e-mail is to be sent; `mail_fault` is what the last try failed at, the name of the fault alone.
    """

    class Kind(models.TextChoices):
        FILE = "berkas", "Berkas terjadwal siap"
        REPORT = "laporan", "Laporan bulanan"
        LOCK = "kunci", "Kunci bulan"
        INCIDENT = "kasus", "Kasus lewat batas"

    class Mail(models.TextChoices):
        WAITING = "menunggu", "Menunggu dikirim"
        SENT = "terkirim", "Terkirim"
        FAILED = "gagal", "Gagal"

    personal_fields = frozenset()

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="notices")
    kind = models.CharField("tentang", max_length=10, choices=Kind)
    key = models.CharField(max_length=80)
    words = models.CharField("isi", max_length=200)
    path = models.CharField("halaman", max_length=200)
    made_at = models.DateTimeField("dibuat", default=timezone.now)
    read_at = models.DateTimeField("dibaca", null=True, blank=True)
    mail = models.CharField("surel", max_length=10, choices=Mail, blank=True)
    mail_tries = models.PositiveSmallIntegerField(default=0)
    mail_next_at = models.DateTimeField(null=True, blank=True)
    mail_fault = models.CharField("sebab gagal", max_length=80, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "pemberitahuan"
        ordering = ["-made_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="notice_once")]
        indexes = [
            models.Index(fields=["user", "-made_at", "-id"], name="notice_of_user"),
            models.Index(fields=["mail_next_at"], condition=Q(mail="menunggu"), name="notice_to_mail"),
        ]

    def __str__(self):
        return self.words
