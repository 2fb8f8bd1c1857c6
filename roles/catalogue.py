"""What a pendamping chooses from when logging: kinds, sub-roles by role, phrases, and what was used last."""

from dataclasses import dataclass

from pkh_casework.dated import kept_a_minute

from .models import Activity, ActivityKind, QuickPhrase, SubRole

RECENT_ACTIVITIES = 30
RECENT_SHOWN = 3


@dataclass(frozen=True)
class Catalogue:
    """The choices in force on one day: lists of ActivityKind and of SubRole (with its role)."""

    kinds: list
    sub_roles: list

    def kind(self, code):
        return next((kind for kind in self.kinds if kind.code == code), None)

    def sub_role(self, code):
        return next((sub_role for sub_role in self.sub_roles if sub_role.code == code), None)

    def by_role(self):
        """[(Role, [SubRole, …]), …] in the order of the four roles."""
        roles = {}
        for sub_role in self.sub_roles:
            roles.setdefault(sub_role.role, []).append(sub_role)
        return list(roles.items())


@kept_a_minute
def catalogue_on(day):
    """The Catalogue in force on `day`."""
    return Catalogue(
        list(ActivityKind.objects.valid_on(day)),
        list(SubRole.objects.valid_on(day).select_related("role")),
    )


def phrases_of(kinds):
    """Quick phrases of each of `kinds`: [(kind, [QuickPhrase, …]), …], kinds without phrases left out."""
    phrases = {}
    for phrase in QuickPhrase.objects.filter(kind__in=kinds):
        phrases.setdefault(phrase.kind_id, []).append(phrase)
    return [(kind, phrases[kind.code]) for kind in kinds if kind.code in phrases]


def last_used(user):
    """What `user` chose lately, newest first: (sub-role codes, {kind code: sub-role code})."""
    pairs = Activity.objects.filter(pendamping=user).values_list("kind_id", "sub_role_id")[:RECENT_ACTIVITIES]
    codes, by_kind = [], {}
    for kind, sub_role in pairs:
        if sub_role not in codes:
            codes.append(sub_role)
        by_kind.setdefault(kind, sub_role)
    return codes[:RECENT_SHOWN], by_kind
