"""The letterhead (kop) of the papers of an area, and who takes note of them."""

from django.db import models

from pkh_casework.dated import DatedQuerySet


class LetterheadQuerySet(DatedQuerySet):
    def of(self, wilayah_id, day):
        """The Letterhead in force on `day` for a place: its own, else that of the area around it; None without any."""
        around = [wilayah_id[:digits] for digits in (10, 6, 4, 2)]
        return self.valid_on(day).filter(wilayah__in=around).order_by("-wilayah").first()


class Letterhead(models.Model):
    """What stands at the head of a paper of an area, from one day on, and the post of who signs beside the koordinator."""

    personal_fields = frozenset()

    wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, related_name="+")
    government = models.CharField("pemerintah", max_length=100)
    office = models.CharField("dinas", max_length=100)
    address = models.CharField("alamat dan telepon", max_length=200, blank=True)
    signer = models.CharField("jabatan yang mengetahui", max_length=100, blank=True)
    valid_from = models.DateField("berlaku sejak")
    valid_to = models.DateField("berlaku sampai", null=True, blank=True)
    source = models.CharField("sumber", max_length=200)

    objects = LetterheadQuerySet.as_manager()

    class Meta:
        verbose_name = "kop surat"
        ordering = ["wilayah", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["wilayah", "valid_from"],
                name="letterhead_once_a_day",
                violation_error_message="Sudah ada kop yang berlaku sejak tanggal itu.",
            )
        ]
