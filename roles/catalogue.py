"""What a pendamping chooses from when logging: kinds, sub-roles by role, and the phrases that fit."""

from dataclasses import dataclass

from pkh_casework.dated import kept_a_minute

from .models import Activity, ActivityKind, PostponeReason, QuickPhrase, SubRole

RECENT_ACTIVITIES = 30
PHRASES_FIRST = 4
ROLES_OFFERED = 3


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


@kept_a_minute
def postpone_reasons(day):
    """The ready reasons to put a family off that are in force on `day`."""
    return list(PostponeReason.objects.valid_on(day))


def offered_phrases(kinds, user, categories):
    """The phrases of each of `kinds` as [(kind, first, others), …], lists of QuickPhrase; kinds without any left out.

    First come those that fit: about a component of the families (`categories`, codes of Component.Category), then
    about everybody, the ones that `user` ticked lately before the rest. Those true only of a family that was not met
    are always among them, since they are so few.
    """
    used = " ".join(
        Activity.objects.filter(pendamping=user).values_list("notes", flat=True)[:RECENT_ACTIVITIES]
    )
    by_kind = {}
    for phrase in QuickPhrase.objects.filter(kind__in=kinds):
        by_kind.setdefault(phrase.kind_id, []).append(phrase)

    def fit(phrase):
        if not phrase.category:
            return 1
        return 0 if phrase.category in categories else 2

    offered = []
    for kind in kinds:
        ranked = sorted(
            by_kind.get(kind.code, ()),
            key=lambda phrase: (fit(phrase), -used.count(phrase.text), phrase.position),
        )
        not_met = [phrase for phrase in ranked if phrase.met == QuickPhrase.Met.NO]
        others = [phrase for phrase in ranked if phrase not in not_met]
        if ranked:
            offered.append((kind, [*others[:PHRASES_FIRST], *not_met], others[PHRASES_FIRST:]))
    return offered


def offered_roles(phrases, catalogue):
    """The SubRoles that `phrases` suggest, in their order, each once and not more than ROLES_OFFERED."""
    codes = dict.fromkeys(phrase.sub_role_id for phrase in phrases if phrase.sub_role_id)
    return [sub for sub in map(catalogue.sub_role, codes) if sub][:ROLES_OFFERED]
