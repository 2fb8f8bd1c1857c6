"""Assessments of a month and what they changed, the levels at its end, and who stands low now."""

from dataclasses import replace

from django.db.models import F, Q

from kpm.models import Assessment, Household, Level, Score

from .families_then import FAMILIES_THEN
from .figure import Figure
from .locked import families_of
from .sources import FAMILY_NOW, FAMILY_THEN, OF_HOUSEHOLD, MonthSpan, Presentation, Scope, Source, in_month

# A family rose when its levels went up by a step for every five indicators answered at both times, two of the ten of
# the short form. A single step may be the day's mood or another pendamping's eye.
INDICATORS_A_STEP = 5
LOW_AT_MOST = Level.BERTAHAN


def _assessment_page(row):
    return Assessment(pk=row["assessment_key"]).get_absolute_url()


def _steps_told(row):
    steps = row["went"]
    if steps is None:
        return "asesmen pertama"
    way = f"{'naik' if steps > 0 else 'turun'} {abs(steps)} tingkat" if steps else "tidak berubah"
    return f"{way} dari {row['answers']} indikator yang dijawab lagi"


ASSESSMENTS = Source(
    start=lambda lens: in_month(Assessment.objects.counted_for(lens.user), lens, "assessed_on"),
    scope=FAMILY_THEN,
    period=MonthSpan("assessed_on", of_month=True),
    shown=Presentation(
        columns={**OF_HOUSEHOLD, "went": F("steps"), "answers": F("compared")},
        in_full={"assessment_key": F("id"), "author": F("pendamping__name")},
        opens=_assessment_page,
        words=_steps_told,
    ),
)
# One row is the answer of one family accompanied at the month's end to one indicator, as it held then: no more families
# have a level than there are.
LEVELS = Source(
    start=lambda lens: Score.objects.standing(lens.last_day).filter(
        level__isnull=False, household__in=families_of(FAMILIES_THEN, replace(lens, span=1))
    ),
    # Whose family it was, and where it lived on that day, is known of the family: see start.
    scope=Scope(FAMILIES_THEN.scope.words, in_area=lambda lens: Q(), family=None, indicator="code"),
    period=MonthSpan("assessed_on", of_month=True),
    shown=Presentation(
        columns={**OF_HOUSEHOLD, "at_level": F("level")},
        in_full={"assessment_key": F("assessment_id"), "author": F("assessment__pendamping__name")},
        opens=_assessment_page,
    ),
)
# One row is the newest answer of a family accompanied now to one indicator.
LOW = Source(
    start=lambda lens: Score.objects.standing().filter(
        level__lte=LOW_AT_MOST, household__in=Household.objects.counted_for(lens.user).active()
    ),
    scope=replace(FAMILY_NOW, indicator="code"),
    period=MonthSpan("assessed_on"),
    shown=Presentation(columns={**OF_HOUSEHOLD, "at_level": F("level")}),
)

FIGURES = (
    Figure(
        slug="asesmen",
        name="Asesmen",
        definition="Asesmen yang dilakukan bersama keluarga dalam bulan yang dipilih, bentuk singkat maupun lengkap.",
        unit="asesmen",
        source=ASSESSMENTS,
        nothing="Belum ada asesmen pada bulan ini.",
    ),
    Figure(
        slug="asesmen-ulang",
        name="Asesmen yang dapat dibandingkan",
        definition=(
            "Asesmen dalam bulan yang dipilih yang menjawab lagi paling sedikit satu indikator yang pernah dijawab "
            "keluarga itu."
        ),
        unit="asesmen",
        source=ASSESSMENTS,
        where=lambda lens: Q(compared__gt=0),
        share_of="asesmen",
        nothing="Belum ada asesmen yang dapat dibandingkan pada bulan ini.",
    ),
    *(
        Figure(
            slug=slug,
            name=name,
            definition=(
                f"Asesmen dalam bulan yang dipilih yang tingkatnya {words} dibanding jawaban keluarga itu "
                f"sebelumnya. {rule}"
            ),
            unit="asesmen",
            source=ASSESSMENTS,
            fewer=slug == "turun",
            where=where,
            share_of="asesmen-ulang",
            nothing=f"Belum ada asesmen yang {words} pada bulan ini.",
        )
        for slug, name, words, rule, where in (
            (
                "naik",
                "Naik",
                "naik",
                "Paling sedikit satu tingkat untuk tiap lima indikator yang dijawab lagi.",
                lambda lens: Q(compared__lte=F("steps") * INDICATORS_A_STEP),
            ),
            (
                "tetap",
                "Tetap",
                "tetap",
                "Kurang dari satu tingkat, naik atau turun, untuk tiap lima indikator.",
                lambda lens: (
                    Q(compared__gt=F("steps") * INDICATORS_A_STEP)
                    & Q(compared__gt=F("steps") * -INDICATORS_A_STEP)
                ),
            ),
            (
                "turun",
                "Turun",
                "turun",
                "Paling sedikit satu tingkat untuk tiap lima indikator yang dijawab lagi.",
                lambda lens: Q(compared__lte=F("steps") * -INDICATORS_A_STEP),
            ),
        )
    ),
    Figure(
        slug="tingkat",
        name="KPM yang punya tingkat",
        definition=(
            "KPM yang sampai akhir bulan yang dipilih (bulan ini: sampai hari ini) sudah menjawab indikator yang "
            "dipilih, menurut jawaban terakhirnya."
        ),
        unit="KPM",
        source=LEVELS,
        of_one="indicator",
        nothing="Belum ada KPM yang menjawab indikator ini.",
    ),
    *(
        Figure(
            slug=f"tingkat-{level.value}",
            name=f"Tingkat {level.value} · {level.label}",
            definition=(
                f"KPM yang pada akhir bulan yang dipilih (bulan ini: hari ini) berada di tingkat {level.value} "
                f"({level.label.lower()}) pada indikator yang dipilih, menurut jawaban terakhirnya."
            ),
            unit="KPM",
            source=LEVELS,
            where=lambda lens, level=level: Q(level=level),
            share_of="tingkat",
            of_one="indicator",
            nothing=f"Tidak ada KPM di tingkat {level.value} pada indikator ini.",
        )
        for level in Level
    ),
    Figure(
        slug="perlu-dibantu",
        name="KPM di tingkat 1 atau 2",
        definition=(
            "KPM aktif yang menurut jawaban terakhirnya sekarang berada di tingkat 1 (rentan) atau 2 (bertahan) pada "
            "indikator yang dipilih."
        ),
        unit="KPM",
        source=LOW,
        of_one="indicator",
        nothing="Tidak ada KPM di tingkat 1 atau 2 pada indikator ini.",
    ),
)
