"""The only settings module and the only reader of the environment.

PKH_MODE  demo (embedded database, known logins), real (the default) or test
PKH_HOME  where keys, media and the demo's database live; default: .pkh inside the project
DATABASE_URL, SECRET_KEY, PKH_KEYS_FILE, PKH_HOSTS  required by `make serve`; the demo makes its own
MAIL_HOST, MAIL_PORT, MAIL_USER, MAIL_PASSWORD, MAIL_TLS, MAIL_FROM, MAIL_SITE  a server for e-mail (docs/operations.md)
PKH_PROXIES  how many proxies in front add the visitor's address to X-Forwarded-For; default 0: the header is not read
"""

import json
import os
from datetime import timedelta
from pathlib import Path

import dj_database_url
from django.utils.csp import CSP

from pkh_casework.connections import check_rested

BASE_DIR = Path(__file__).resolve().parent.parent

PKH_MODE = os.environ.get("PKH_MODE", "real")
if PKH_MODE not in {"demo", "real", "test"}:
    raise SystemExit(f"PKH_MODE must be demo, real or test, not {PKH_MODE!r}")
REAL, TEST = PKH_MODE == "real", PKH_MODE == "test"

PKH_HOME = Path(os.environ.get("PKH_HOME") or BASE_DIR / ".pkh").resolve()
PORT = int(os.environ.get("PORT") or 8000)

DEBUG = False
SECRET_KEY = os.environ.get("SECRET_KEY") or ("only-for-tests-" * 4 if TEST else "")
ALLOWED_HOSTS = [host for host in os.environ.get("PKH_HOSTS", "").split(",") if host] or (
    [] if REAL else ["localhost", "127.0.0.1", "testserver"]
)

# Identity keys: encryption and index keys by id; never in the database (see pkh_casework/fields.py).
IDENTITY_KEYS_FILE = Path(os.environ.get("PKH_KEYS_FILE") or PKH_HOME / "keys.json")
if TEST:
    IDENTITY_KEYS = {
        "encryption": {"1": "11" * 32},
        "index": {"1": "22" * 32},
        "current": {"encryption": "1", "index": "1"},
        "case": "33" * 32,
    }
elif os.path.isfile(IDENTITY_KEYS_FILE):  # False also where the directory can't be entered
    IDENTITY_KEYS = json.loads(IDENTITY_KEYS_FILE.read_text())
else:
    IDENTITY_KEYS = {}

# --- rooms of the house, lowest floor first -----------------------------------------------------------------
HOUSE_APPS = [
    "pkh_casework",
    "guide",
    "wilayah",
    "accounts",
    "entries",
    "master",
    "kpm",
    "roster",
    "resources",
    "roles",
    "sinergi",
    "reports",
    "desk",
    "phone",
    "demo",
]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "axes",
    "pgtrigger",
    "pghistory",
    "django_tasks_db",
    *HOUSE_APPS,
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",  # below the three whose headers static files need, too
    "pkh_casework.media.GZipPages",
    "pkh_casework.access.no_store",
    "pkh_casework.errors.only_utf8",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.sessions.Authentication",
    "django.contrib.messages.middleware.MessageMiddleware",
    "pkh_casework.errors.fill_method_not_allowed",
    "django_htmx.middleware.HtmxMiddleware",
    "phone.batch.batches",
    "entries.answers.named_answers",
    "pkh_casework.htmx.client_redirects",
    "accounts.sessions.session_clock",
    "wilayah.clock.local_zone",
    "entries.trail.AccessTrail",
    "entries.trail.FieldHistory",
    "accounts.sessions.KeepTypedInput",
    "pkh_casework.access.Guard",
    "entries.holding.HoldWhatCannotBeTaken",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "pkh_casework.urls"
WSGI_APPLICATION = "pkh_casework.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "pkh_casework.context.shell",
            ],
        },
    }
]

# --- database: connections are pooled per worker process; those that rested are checked before use -----------
if os.environ.get("DATABASE_URL"):
    DATABASES = {"default": dj_database_url.config(conn_max_age=0)}
    DATABASES["default"]["ATOMIC_REQUESTS"] = True
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        {
            # A connection for each thread, so that waiting means a database that does not answer: 4 seconds until a
            # plain "no". Reconnecting begins anew with each request, not at ever longer intervals for 5 minutes.
            "pool": {
                "min_size": 1,
                "max_size": 4,
                "timeout": 4,
                "reconnect_timeout": 4,
                "check": check_rested,
            },
            "connect_timeout": 4,
            "application_name": "pkh_casework",
        }
    )
    # A word with a slip in it keeps about so many of its trigrams; kpm.finding tells whom of those found it means.
    TRIGRAMS = "-c pg_trgm.word_similarity_threshold=0.4"
    OPTIONS = DATABASES["default"]["OPTIONS"]
    # Figures are counted by long statements over few rows: compiling one takes longer than it saves.
    UNCOMPILED = "-c jit=off"
    OPTIONS["options"] = f"{TRIGRAMS} {UNCOMPILED} {OPTIONS.get('options', '')}".strip()
else:  # launching and key making need no database; anything else fails with Django's own words
    DATABASES = {"default": {"ENGINE": "django.db.backends.dummy"}}

# A request that waits longer than this answers 503 and gives its connection back (wsgi.py).
WEB_DATABASE_LIMITS = "-c statement_timeout=15s -c lock_timeout=5s -c idle_in_transaction_session_timeout=60s"

# --- work that nobody waits for: a worker takes it from the database (docs/operations.md) ----------------------------
TASKS = {
    "default": {
        "BACKEND": (
            "django.tasks.backends.immediate.ImmediateBackend"
            if TEST
            else "django_tasks_db.backend.DatabaseBackend"
        )
    }
}

# --- e-mail, where there is a server for it: notices, never a word about a family (docs/operations.md) ----------------
MAIL_HOST = os.environ.get("MAIL_HOST", "")
MAIL_FROM = os.environ.get("MAIL_FROM") or "langkah@localhost"
# Where a link in an e-mail leads.
MAIL_SITE = os.environ.get("MAIL_SITE") or (
    f"https://{ALLOWED_HOSTS[0]}" if REAL and ALLOWED_HOSTS else f"http://localhost:{PORT}"
)
MAILERS = (
    {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {
                "host": MAIL_HOST,
                "port": int(os.environ.get("MAIL_PORT") or 587),
                "username": os.environ.get("MAIL_USER", ""),
                "password": os.environ.get("MAIL_PASSWORD", ""),
                "use_tls": os.environ.get("MAIL_TLS", "1") == "1",
                "timeout": 20,
            },
        }
    }
    if MAIL_HOST
    else {}
)
SILENCED_SYSTEM_CHECKS = ["mail.W001"]  # without a server nothing is sent, and reports.notices asks first

# --- language and time ----------------------------------------------------------------------------------------
LANGUAGE_CODE = "id"
LANGUAGES = [("id", "Bahasa Indonesia")]
LOCALE_PATHS = [BASE_DIR / "locale"]  # plainer words for Django's own messages
TIME_ZONE = "Asia/Jakarta"
USE_TZ = True

# --- who is asking ---------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["accounts.hashers.FieldArgon2"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name", "nip", "phone")},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "accounts.hashers.LocalWordsValidator"},
]
LOGIN_URL = "/masuk/"
LOGIN_REDIRECT_URL = "/"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = ["username", ["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "accounts.views.session.locked_out"
# Otherwise every try during the lock would begin the 15 minutes anew, and anyone could keep an account shut.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_CLIENT_IP_CALLABLE = "accounts.throttle.client_address"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

TRUSTED_PROXIES = int(os.environ.get("PKH_PROXIES") or 0)

SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 7 * 24 * 3600
MESSAGE_STORAGE = "pkh_casework.said.MessageStorage"
CSRF_FAILURE_VIEW = "pkh_casework.errors.csrf_failure"

# --- transport and content: strict from the first page -----------------------------------------------------------
if REAL:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sesi", "__Host-csrf"
    AUTHOR_COOKIE_NAME, MESSAGES_COOKIE_NAME = "__Host-penulis", "__Host-pesan"
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
else:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "sesi", "csrf"
    AUTHOR_COOKIE_NAME, MESSAGES_COOKIE_NAME = "penulis", "pesan"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "blob:"],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "worker-src": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
    "object-src": [CSP.NONE],
}
# A form with 600 families ticked carries about 1,300 fields.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 3000

# --- files ---------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = PKH_HOME / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = PKH_HOME / "media"  # private: served only by views that check the record
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if TEST
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}
WHITENOISE_ALLOW_ALL_ORIGINS = False
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
if TEST:
    WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True

# --- history of every field (database triggers) and log -------------------------------------------------------------
PGHISTORY_APPEND_ONLY = True
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "pkh_casework.logs.WithoutValues",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    # Axes logs user names and addresses of every attempt; the attempts are in its tables already.
    # The worker tells each second that there is nothing to do, and a new schema has over a hundred triggers.
    "loggers": {
        "axes": {"level": "CRITICAL"},
        "django_tasks_db": {"level": "WARNING"},
        "pgtrigger": {"level": "WARNING"},
    },
}
