"""Photos behind Django's storage: written together with their row, read only through a view that checks the row."""

import logging
from uuid import uuid4

from django.core.files.base import ContentFile
from django.http import FileResponse, Http404
from django.middleware.gzip import GZipMiddleware

PACKED = ("image/", "application/vnd.", "application/zip", "application/pdf")

log = logging.getLogger(__name__)


def keep_photos(photos, rows, **fields):
    """Store those of `photos` (CleanPhoto) that `rows`, the related manager of what they belong to, does not hold yet.

    `fields` are what each row needs besides. Comes last in its transaction, which takes rows back but no files.
    """
    known = set(rows.values_list("sha256", flat=True)) if photos else set()
    field, written = rows.model._meta.get_field("file"), []
    try:
        for photo in photos:
            if photo.sha256 in known:
                continue
            known.add(photo.sha256)
            written.append(field.generate_filename(None, f"{uuid4().hex}.jpg"))
            stored = field.storage.save(written[-1], ContentFile(photo.jpeg))
            size = {"width": photo.width, "height": photo.height}
            rows.create(file=stored, sha256=photo.sha256, **size, **fields)
    except BaseException:
        for name in written:
            field.storage.delete(name)
        raise


def photo_response(row):
    """The picture of `row` (a model with `file`) as an answer that never runs as a page.

    Raises Http404 when the file is gone, which is an error for the operator and no fault of who asks.
    """
    try:
        file = row.file.open("rb")
    except FileNotFoundError as error:
        log.error("file of %s %s is missing: %s", row._meta.label, row.pk, row.file.name)
        raise Http404("the file is missing") from error
    response = FileResponse(file, content_type="image/jpeg")
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


class GZipPages(GZipMiddleware):
    """Middleware: compress pages, not what is packed already: photos, workbooks, archives, documents."""

    def process_response(self, request, response):
        if response.headers.get("Content-Type", "").startswith(PACKED):
            return response
        return super().process_response(request, response)
