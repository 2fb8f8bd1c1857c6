"""What was done in a home visit: acts that have pages of their own, on the visit that they belong to."""

from django.db import models
from django.db.models import F, Func
from django.db.models.lookups import Exact

from entries.history import keep_old_versions
from kpm.models import Assessment, Goal, GoalStep, PaymentCheck
from kpm.models.scope import CaseQuerySet
from pkh_casework.ids import uuid7
from resources.models import Referral

from .activity import ActivityHousehold
from .catalogue import ActKind

ACTS = {
    Assessment: "assessment",
    Goal: "goal",
    GoalStep: "goal_step",
    Referral: "referral",
    PaymentCheck: "payment_check",
}


class VisitActQuerySet(CaseQuerySet):
    to_household = "row__household__"

    def told(self):
        """With what `words` and `url` read, in the order in which acts are told."""
        acts = ("assessment", "goal", "goal_step", "referral__resource", "payment_check__trouble")
        rows = self.select_related("kind", *acts, "payment_check__household")
        return rows.order_by("kind__position", "id")


def _act(model):
    return models.OneToOneField(model, models.PROTECT, null=True, related_name="visit_act")


@keep_old_versions
class VisitAct(models.Model):
    """An act hangs on the home visit in which it was done: exactly one of the fields in ACTS.

    `row` is a home visit of the act's own day at which its author met the family. `roles.operations.visit` is the only
    writer.
    """

    personal_fields = frozenset()

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    row = models.ForeignKey(ActivityHousehold, models.PROTECT, related_name="acts")
    kind = models.ForeignKey(ActKind, models.PROTECT, related_name="+")
    assessment = _act(Assessment)
    goal = _act(Goal)
    goal_step = _act(GoalStep)
    referral = _act(Referral)
    payment_check = _act(PaymentCheck)

    objects = VisitActQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="visit_act_is_one_act",
                condition=Exact(
                    Func(
                        *map(F, ACTS.values()),
                        function="num_nonnulls",
                        output_field=models.IntegerField(),
                    ),
                    1,
                ),
            ),
        ]

    @property
    def act(self):
        """The row of another room that it is about."""
        return next(filter(None, (getattr(self, name) for name in ACTS.values())))

    @property
    def words(self):
        """What was done, in words."""
        if self.assessment:
            return f"bentuk {self.assessment.get_form_display().lower()}"
        return self.referral.resource.name if self.referral else str(self.act)

    @property
    def url(self):
        """The page of the act; that of its goal for a step."""
        return f"/tujuan/{self.goal_step.goal_id}/" if self.goal_step else self.act.get_absolute_url()
