from django.urls import path

from kpm import converters  # noqa: F401  registers <case:…>

from .views import batch, duplicate, handover, move, siks, to_type

app_name = "roster"
urlpatterns = [
    path("berkas/", batch.batch_list, name="batch_list"),
    path("berkas/baru/", batch.batch_create, name="batch_create"),
    path("berkas/contoh/", batch.batch_template, name="batch_template"),
    path("berkas/<uuid:pk>/", batch.batch_detail, name="batch_detail"),
    path("berkas/<uuid:pk>/kolom/", batch.batch_columns, name="batch_columns"),
    path("berkas/<uuid:pk>/keluarga/<uuid:family>/", batch.family_choose, name="family_choose"),
    path("berkas/<uuid:pk>/masuk/", batch.batch_apply, name="batch_apply"),
    path("berkas/<uuid:pk>/batal/", batch.batch_cancel, name="batch_cancel"),
    path("berkas/<uuid:pk>/urung/", batch.batch_undo, name="batch_undo"),
    path("berkas/<uuid:pk>/ditolak/", batch.batch_refused, name="batch_refused"),
    path("siks-ng/", siks.siks_list, name="siks_list"),
    path("siks-ng/baru/", siks.siks_create, name="siks_create"),
    path("siks-ng/beda/<uuid:pk>/", siks.siks_detail, name="siks_detail"),
    path("siks-ng/ketik/", to_type.to_type_list, name="to_type_list"),
    path("siks-ng/ketik/<uuid:pk>/", to_type.to_type_detail, name="to_type_detail"),
    path("siks-ng/ketik/<uuid:pk>/batal/", to_type.to_type_untick, name="to_type_untick"),
    path("siks-ng/ketik/cetak/", to_type.to_type_paper, name="to_type_paper"),
    path("siks-ng/ketik/lembar/", to_type.to_type_sheet, name="to_type_sheet"),
    path("kpm/<case:case>/pindah-alamat/", move.household_move, name="household_move"),
    path("ganda/", duplicate.suspect_list, name="suspect_list"),
    path("ganda/cari/", duplicate.suspect_find, name="suspect_find"),
    path("ganda/<uuid:pk>/", duplicate.suspect_detail, name="suspect_detail"),
    path("ganda/<uuid:pk>/gabung/", duplicate.merge_create, name="merge_create"),
    path("ganda/gabungan/<uuid:pk>/", duplicate.merge_detail, name="merge_detail"),
    path("serah-terima/", handover.handover_list, name="handover_list"),
    path("serah-terima/baru/", handover.handover_create, name="handover_create"),
    path("serah-terima/<uuid:pk>/", handover.handover_detail, name="handover_detail"),
    path("serah-terima/kpm/<uuid:pk>/", handover.handover_family, name="handover_family"),
]
