"""Where a family can be sent: what is on offer, by whom, and the families sent there."""

from .catalogue import Category, Service
from .partner import Agreement, Contact, Partner
from .referral import LinkKnock, PartnerLink, Referral, ReferralMove
from .resource import STALE_AFTER, Resource, ResourceCheck
from .scope import AreaQuerySet

__all__ = [
    "STALE_AFTER",
    "Agreement",
    "AreaQuerySet",
    "Category",
    "Contact",
    "LinkKnock",
    "Partner",
    "PartnerLink",
    "Referral",
    "ReferralMove",
    "Resource",
    "ResourceCheck",
    "Service",
]
