from django.urls import path

from .figures.views import dashboard, figure, gap, need_map, progress
from .files.views import export, lurah, office, recap
from .monthly.views import closing, period, report, rhk, susulan
from .notices.views import notice
from .targets import views as targets

app_name = "reports"
urlpatterns = [
    path("dasbor/", dashboard.dashboard, name="dashboard"),
    path("pemberitahuan/", notice.notice_list, name="notice_list"),
    path("pemberitahuan/dibaca/", notice.notice_read, name="notice_read"),
    path("pemberitahuan/surel/", notice.mail_choose, name="mail_choose"),
    path("pemberitahuan/surel/coba-lagi/", notice.mail_retry, name="mail_retry"),
    path("dasbor/angka/<slug:slug>/", figure.figure_rows, name="figure_rows"),
    path("dasbor/arti/", figure.figure_meanings, name="figure_meanings"),
    path("dasbor/lurah.pdf", lurah.lurah_pdf, name="lurah_pdf"),
    path("dasbor/lurah.xlsx", lurah.lurah_xlsx, name="lurah_xlsx"),
    path("dasbor/kesenjangan/", gap.gap, name="gap"),
    path("dasbor/kesenjangan/peta/", need_map.need_map, name="need_map"),
    path("dasbor/kemandirian/", progress.independence, name="independence"),
    path("dasbor/kemandirian/keluarga/", progress.independence_rows, name="independence_rows"),
    path("target/", targets.target_list, name="target_list"),
    path("target/usul/", targets.target_propose, name="target_propose"),
    path("target/putuskan/", targets.targets_decide, name="targets_decide"),
    path("target/<uuid:pk>/", targets.target_detail, name="target_detail"),
    path("laporan/", report.report_list, name="report_list"),
    path("laporan/baru/", report.report_create, name="report_create"),
    path("laporan/baca/", report.report_read, name="report_read"),
    path("laporan/siapa/", closing.reporting, name="reporting"),
    path("laporan/<uuid:pk>/", report.report_detail, name="report_detail"),
    path("laporan/<uuid:pk>/isi/", report.report_edit, name="report_edit"),
    path("laporan/<uuid:pk>/langkah/<slug:move>/", report.report_move, name="report_move"),
    path("laporan/<uuid:pk>/cetak/", report.report_pdf, name="report_pdf"),
    path("laporan/bulan/", period.month_list, name="month_list"),
    path("laporan/bulan/kunci/", closing.months_lock, name="months_lock"),
    path("laporan/bulan/<int:pk>/", period.month_detail, name="month_detail"),
    path("laporan/bulan/<int:pk>/kunci/", period.month_lock, name="month_lock"),
    path("laporan/bulan/<int:pk>/buka/", period.month_reopen, name="month_reopen"),
    path("laporan/bulan/<int:pk>/beda/", period.month_diff, name="month_diff"),
    path("laporan/versi/<uuid:pk>/", period.version_detail, name="version_detail"),
    path("laporan/versi/<uuid:pk>/<slug:slug>/", period.version_rows, name="version_rows"),
    path("laporan/susulan/<int:pk>/", susulan.late_accept, name="late_accept"),
    path("laporan/rhk/", rhk.rhk_list, name="rhk_list"),
    path("laporan/rhk/bulan.pdf", rhk.rhk_month_pdf, name="rhk_month_pdf"),
    path("laporan/rhk/bulan.docx", rhk.rhk_month_docx, name="rhk_month_docx"),
    path("laporan/rhk/<uuid:pk>/", rhk.rhk_choose, name="rhk_choose"),
    path("laporan/rhk/<uuid:pk>.pdf", rhk.rhk_pdf, name="rhk_pdf"),
    path("laporan/rhk/<uuid:pk>.docx", rhk.rhk_docx, name="rhk_docx"),
    path("laporan/rekap/", recap.recap, name="recap"),
    path("laporan/rekap/jadwal/", recap.recap_plan, name="recap_plan"),
    path("ekspor/", export.export_list, name="export_list"),
    path("ekspor/baru/", export.export_create, name="export_create"),
    path("ekspor/kantor/", office.office_take, name="office_take"),
    path("ekspor/<uuid:pk>/", export.export_detail, name="export_detail"),
    path("ekspor/<uuid:pk>/batal/", export.export_cancel, name="export_cancel"),
    path("ekspor/<uuid:pk>/unduh/", export.export_take, name="export_take"),
]
