"""All figures by slug, in the order in which people read them."""

from . import (
    activities,
    assessments,
    commitments,
    families,
    families_then,
    goals,
    graduations,
    inactive,
    incidents,
    late,
    meetings,
    payments,
    people,
    referrals,
    reporting,
    reports,
    resources,
    visits,
)

FIGURES = {
    figure.slug: figure
    for noun in (
        families,
        families_then,
        visits,
        activities,
        late,
        meetings,
        commitments,
        assessments,
        goals,
        referrals,
        graduations,
        inactive,
        incidents,
        payments,
        resources,
        people,
        reports,
        reporting,
    )
    for figure in noun.FIGURES
}
