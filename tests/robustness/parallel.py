"""Two database connections at once."""

from threading import Event, Thread

from django.db import connection


class InParallel:
    """Run `work` in a thread, thus in a database connection of its own; `result()` waits for its outcome."""

    def __init__(self, work, *args):
        self.outcome = self.error = None
        self.thread = Thread(target=self._run, args=(work, *args))
        self.thread.start()

    def _run(self, work, *args):
        try:
            self.outcome = work(*args)
        except Exception as error:  # noqa: BLE001  raised again by `result`
            self.error = error
        finally:
            connection.close()

    def result(self):
        self.thread.join(30)
        assert not self.thread.is_alive(), "still waiting for a lock"
        if self.error:
            raise self.error
        return self.outcome


def waits_for_a_lock(patience=10):
    """Whether some connection of this database comes to wait for a lock within `patience` seconds."""
    pause = Event()
    for _ in range(int(patience / 0.01)):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock')"
            )
            if cursor.fetchone()[0]:
                return True
        pause.wait(0.01)
    return False
