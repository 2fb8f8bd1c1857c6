"""The demo's referrals: every state, some overdue, and each what its moves say."""

from resources.models import PartnerLink, Referral
from resources.results import results_by


def test_partners_have_a_record(today):
    results = results_by("partner", Referral.objects.values_list("partner", flat=True).distinct())
    assert any(result.finished and result.median_days for result in results.values())
    assert PartnerLink.objects.exclude(answered_at=None).exists()
    assert Referral.objects.filter(moves__counts=False).exists()
