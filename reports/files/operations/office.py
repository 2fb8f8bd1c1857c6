"""All that an office owns, as one package: asked for by its koordinator, made by a worker, locked with a passphrase."""

from entries.operations import Refused, operation
from reports.files.making import WITH_FILES, sealed_key
from reports.models import Export

from .export import hold, keep_asked, leave_to_a_worker

UNDER_WAY = "Paket sebelumnya masih dibuat. Tunggu sampai selesai, atau batalkan dulu di menu Ekspor."


@operation(kind="reports.kantor", title="Paket kantor", makes=Export)
def ask_office(*, by, pk, op_id, purpose, with_files, passphrase, salt):
    """Keep that the koordinator `by` takes all that the own area holds; returns the Export.

    Its identity numbers stand in it in full, and nothing opens it but `passphrase`, which is not stored. Raises Refused
    while another one is made, and past the files of a day.
    """
    hold(by)
    if Export.objects.under_way().filter(user=by, what=Export.OFFICE).exists():
        raise Refused(UNDER_WAY)
    export = Export(
        id=pk,
        op_id=op_id,
        user=by,
        duty=by.duty,
        wilayah_id=by.wilayah_id,
        what=Export.OFFICE,
        query=WITH_FILES if with_files else "",
        format=Export.Format.PACKAGE,
        purpose=purpose,
        numbers_reason=purpose,
        key=sealed_key(passphrase, salt, pk),
    )
    keep_asked(export, "reports:office_take", fields=[Export.OFFICE, "no_kk", "nik"])
    leave_to_a_worker(export)
    return export
