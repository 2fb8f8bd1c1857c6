from django.urls import path

from .views import answer, family, map, partner, referral, resource

app_name = "resources"
urlpatterns = [
    path("sumber-daya/", resource.resource_list, name="resource_list"),
    path("sumber-daya/peta/", map.resource_map, name="resource_map"),
    path("sumber-daya/mirip/", resource.resource_twins, name="resource_twins"),
    path("sumber-daya/baru/", resource.resource_create, name="resource_create"),
    path("sumber-daya/<int:pk>/", resource.resource_detail, name="resource_detail"),
    path("sumber-daya/<int:pk>/ubah/", resource.resource_edit, name="resource_edit"),
    path("sumber-daya/<int:pk>/titik/", map.resource_place, name="resource_place"),
    path("sumber-daya/<int:pk>/keluarga/", family.resource_families, name="resource_families"),
    path("sumber-daya/<int:pk>/periksa/", resource.resource_check, name="resource_check"),
    path("mitra/", partner.partner_list, name="partner_list"),
    path("mitra/baru/", partner.partner_create, name="partner_create"),
    path("mitra/<int:pk>/", partner.partner_detail, name="partner_detail"),
    path("mitra/<int:pk>/ubah/", partner.partner_edit, name="partner_edit"),
    path("mitra/<int:pk>/kontak/", partner.contact_create, name="contact_create"),
    path("mitra/kontak/<int:pk>/ubah/", partner.contact_edit, name="contact_edit"),
    path("mitra/<int:pk>/kesepakatan/", partner.agreement_create, name="agreement_create"),
    path("mitra/kesepakatan/<int:pk>/ubah/", partner.agreement_edit, name="agreement_edit"),
    path("rujukan/", referral.referral_list, name="referral_list"),
    path("rujukan/baru/", referral.referral_create, name="referral_create"),
    path("rujukan/<uuid:pk>/", referral.referral_detail, name="referral_detail"),
    path("rujukan/<uuid:pk>/langkah/<slug:move>/", referral.referral_move, name="referral_move"),
    path("rujukan/<uuid:pk>/persetujuan/tarik/", referral.consent_withdraw, name="consent_withdraw"),
    path("rujukan/<uuid:pk>/surat/", referral.referral_pdf, name="referral_pdf"),
    path("rujukan/<uuid:pk>/tautan/", referral.link_create, name="link_create"),
    path("rujukan/<uuid:pk>/tautan/cabut/", referral.link_revoke, name="link_revoke"),
    path("jawab/<str:token>/", answer.partner_answer, name="partner_answer"),
]
