"""Generic class-based views, and the bare answer that everything is compared with."""

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpResponse
from django.urls import path
from django.views.generic import CreateView, ListView

from .models import Household, Visit


class VisitCreate(LoginRequiredMixin, CreateView):
    model = Visit
    fields = [
        "household",
        "province",
        "regency",
        "district",
        "village",
        "kind",
        "role",
        "sub_role",
        "group",
        "occurred_on",
        "notes",
        "outcome",
        "next_step",
        "next_step_on",
    ]
    success_url = "/caseload/"

    def form_valid(self, form):
        form.instance.worker = self.request.user
        response = super().form_valid(form)
        household = form.instance.household
        household.last_visited_on = form.instance.occurred_on
        household.save()
        return response


class Caseload(LoginRequiredMixin, ListView):
    template_name = "plain/caseload.html"

    def get_queryset(self):
        return (
            Household.objects.filter(worker=self.request.user)
            .select_related("village__district__regency__province", "group", "worker")
            .order_by("name")
        )


def ok(request):
    return HttpResponse("ok")


urlpatterns = [
    path("ok/", ok),
    path("visit/", VisitCreate.as_view()),
    path("caseload/", Caseload.as_view()),
    path("caseload/pages/", Caseload.as_view(paginate_by=50)),
]
