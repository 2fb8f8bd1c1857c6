"""Probes for whoever watches the server. Neither opens a transaction, so both can answer when the database is down."""

from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from .access import ANYONE, access


@access(ANYONE)
@transaction.non_atomic_requests
@require_safe
def healthz(request):
    """200 `ok` when this process serves and reaches the database, else 503 `database`."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("database", status=503, content_type="text/plain")
    return HttpResponse("ok", content_type="text/plain")


@access(ANYONE)
@transaction.non_atomic_requests
@require_safe
def readyz(request):
    """200 `ready` when every migration is applied, else 503 with what is missing."""
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return HttpResponse("database", status=503, content_type="text/plain")
    if pending:
        return HttpResponse("migrations", status=503, content_type="text/plain")
    return HttpResponse("ready", content_type="text/plain")
