"""Mitra: whom one can turn to, whom to talk to there, and how they answer; who of the colleagues knows them is told by
the panels of upper rooms.
"""

from datetime import timedelta

from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_safe

from entries.submit import submit, thank
from pkh_casework.access import AREA, AREA_WRITE, access
from pkh_casework.htmx import render_page
from pkh_casework.paging import keyset_page
from pkh_casework.panels import notes_on, panel_part
from resources.forms.partner import AgreementForm, ContactForm, PartnerForm
from resources.history import changes_of
from resources.listings import PartnerListing
from resources.models import Agreement, Category, Contact, Partner
from resources.operations.partner import save_agreement, save_contact, save_partner
from resources.results import results_by
from wilayah.clock import local_today

PAGE = 50
ENDS_SOON = timedelta(days=60)


@access(AREA)
@require_safe
def partner_list(request):
    """Partners of the asker's area, each with what became of referrals and what upper rooms know of it."""
    day = local_today(request.user.wilayah_id)
    listing = PartnerListing(request.GET, user=request.user, today=day)
    page = keyset_page(listing.qs.select_related("category", "wilayah"), request, listing.order, size=PAGE)
    ids = [partner.pk for partner in page.rows]
    notes, results = notes_on("resources:partner_list", request, page.rows), results_by("partner", ids)
    ending = set(_ending(day).filter(partner__in=ids).values_list("partner", flat=True))
    context = {
        "page": page,
        "rows": [(row, notes.get(row.pk, []), results.get(row.pk), row.pk in ending) for row in page.rows],
        "categories": list(Category.objects.valid_on(day).values_list("code", "name")),
        "chosen": listing.asked["kategori"],
        "words": listing.asked["q"],
    }
    part = "partner-more" if request.htmx.target == "partner-more" else "partner-rows"
    return render_page(request, "resources/partner_list.html", context, part=part)


def _ending(day):
    """Agreements that end within ENDS_SOON of `day`."""
    return Agreement.objects.filter(valid_to__range=(day, day + ENDS_SOON))


@access(AREA)
@require_safe
def partner_detail(request, pk):
    partner = _partner_or_404(request.user, pk)
    if part := panel_part(request, "resources:partner_detail", partner):
        return part
    day = local_today(request.user.wilayah_id)
    context = {
        "partner": partner,
        "today": day,
        "soon": day + ENDS_SOON,
        "contacts": partner.contacts.all(),
        "agreements": partner.agreements.all(),
        "resources": [
            (resource, resource.is_stale_on(day))
            for resource in partner.resources.active().select_related("category", "wilayah")
        ],
        "results": results_by("partner", [partner.pk]).get(partner.pk),
        "changes": changes_of(partner),
    }
    return render_page(request, "resources/partner_detail.html", context)


@access(AREA_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def partner_create(request):
    form = PartnerForm(request.POST or None, **_by(request))
    if receipt := submit(request, form, save_partner):
        thank(request, receipt, "Mitra tersimpan.")
        return redirect(form.instance if form.instance.pk else "resources:partner_list")
    return render_page(request, "resources/partner_form.html", {"form": form, "title": "Tambah mitra"})


@access(AREA_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def partner_edit(request, pk):
    partner = _partner_or_404(request.user, pk)
    form = PartnerForm(request.POST or None, instance=_partner_or_404(request.user, pk), **_by(request))
    return _save(request, form, save_partner, partner, "Ubah mitra")


@access(AREA_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def contact_create(request, pk):
    partner = _partner_or_404(request.user, pk)
    form = ContactForm(request.POST or None, partner=partner, **_by(request))
    return _save(request, form, save_contact, partner, "Tambah kontak")


@access(AREA_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def contact_edit(request, pk):
    contacts = Contact.objects.filter(partner__in=Partner.objects.visible_to(request.user))
    contact = get_object_or_404(contacts.select_related("partner"), pk=pk)
    form = ContactForm(request.POST or None, partner=contact.partner, instance=contact, **_by(request))
    return _save(request, form, save_contact, contact.partner, "Ubah kontak")


@access(AREA_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def agreement_create(request, pk):
    partner = _partner_or_404(request.user, pk)
    form = AgreementForm(request.POST or None, partner=partner, **_by(request))
    return _save(request, form, save_agreement, partner, "Tambah kesepakatan")


@access(AREA_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def agreement_edit(request, pk):
    agreements = Agreement.objects.filter(partner__in=Partner.objects.visible_to(request.user))
    agreement = get_object_or_404(agreements.select_related("partner"), pk=pk)
    form = AgreementForm(request.POST or None, partner=agreement.partner, instance=agreement, **_by(request))
    return _save(request, form, save_agreement, agreement.partner, "Ubah kesepakatan")


def _save(request, form, write, partner, title):
    if receipt := submit(request, form, write):
        thank(request, receipt, "Tersimpan.")
        return redirect(partner)
    return render_page(
        request, "resources/partner_form.html", {"form": form, "partner": partner, "title": title}
    )


def _by(request):
    return {"user": request.user, "today": local_today(request.user.wilayah_id)}


def _partner_or_404(user, pk):
    return get_object_or_404(Partner.objects.visible_to(user).select_related("category", "wilayah"), pk=pk)
