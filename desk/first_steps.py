"""The first steps with the app, of a pendamping and of a koordinator: what to do next, and what is done already.

What is done is read from what was done, nothing is ticked by hand; they are shown in the first FIRST_DAYS of an account
and until the last is done.
"""

from datetime import timedelta
from typing import NamedTuple

from django.db.models import Exists
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from kpm.models import Assessment, Goal, Household
from reports.models import MonthlyReport
from resources.models import Resource
from roles.models import Activity

FIRST_DAYS = 30


class Step(NamedTuple):
    """One step: its words, why, where it is done, and whether it was."""

    words: str
    why: str
    url: str
    is_done: bool


def first_steps(user):
    """The Steps of `user`, a list; empty when all are done, or the account is older than FIRST_DAYS. At most one query."""
    if user.created_at < timezone.now() - timedelta(days=FIRST_DAYS):
        return []
    of_duty = _of_koordinator(user) if user.is_koordinator else _of_pendamping(user)
    named = {f"step_{at}": step for at, step in enumerate(of_duty)}
    known = {name: Exists(rows) for name, (*_, rows) in named.items()}
    done = User.objects.filter(pk=user.pk).values(**known).get()
    steps = [Step(words, why, reverse(route), done[name]) for name, (route, words, why, _) in named.items()]
    return [] if all(step.is_done for step in steps) else steps


def _of_pendamping(user):
    """(route, words, why, the rows of which one is enough) of each step."""
    return [
        (
            "phone:phone_here",
            "Siapkan HP ini",
            "Supaya bisa mencatat tanpa sinyal, dan isinya terkunci dengan kode Anda.",
            user.phones.filter(ended_at=None),
        ),
        (
            "kpm:household_list",
            "Kenali keluarga dampingan Anda",
            "Belum ada? Tambah satu, atau minta koordinator menyerahkannya.",
            Household.objects.visible_to(user),
        ),
        (
            "roles:activity_create",
            "Catat kunjungan pertama",
            "Cari keluarganya, centang yang dikerjakan, simpan. Kode tanda terima berarti catatan sudah sampai.",
            Activity.objects.filter(pendamping=user),
        ),
        (
            "kpm:assessment_list",
            "Nilai kemandirian satu keluarga bersama-sama",
            "Keluarga memilih sendiri gambar yang paling mirip keadaannya.",
            Assessment.objects.filter(pendamping=user),
        ),
        (
            "kpm:goal_list",
            "Sepakati satu tujuan",
            "Dari yang dipilih keluarga: mengapa penting, apa langkahnya, sampai kapan.",
            Goal.objects.filter(pendamping=user),
        ),
    ]


def _of_koordinator(user):
    return [
        (
            "accounts:user_create",
            "Buat akun pendamping",
            "Serahkan kodenya langsung; sandi dibuat pemiliknya sendiri.",
            User.objects.visible_to(user).pendamping(),
        ),
        (
            "roster:batch_create",
            "Masukkan daftar KPM",
            "Dari Excel atau CSV yang sudah ada. Semua ditinjau dulu, dan bisa diurungkan.",
            Household.objects.visible_to(user),
        ),
        (
            "resources:resource_create",
            "Catat sumber daya pertama",
            "Ke mana keluarga bisa dirujuk: sekolah, puskesmas, pelatihan, usaha yang mau membantu.",
            Resource.objects.visible_to(user),
        ),
        (
            "reports:report_list",
            "Baca dan setujui laporan pertama",
            "Angkanya terhitung sendiri dari yang dicatat, dan setiap angka bisa dibuka.",
            MonthlyReport.objects.visible_to(user).filter(state__in=MonthlyReport.DONE),
        ),
    ]
