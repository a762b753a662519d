"""One settings file; environments differ by variables only (see docs/environment.md)."""

import os
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF

from . import env
from .schedule import SCHEDULE

# Paths -----------------------------------------------------------------------------------------
BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.text("METROSTD_VAR", str(BASE_DIR / "var")))
# The database, files and mails are nobody else's on this machine.
os.umask(0o077)

# Environment -----------------------------------------------------------------------------------
DEBUG = env.flag("DEBUG", default=False)
SECRET_KEY = env.text("SECRET_KEY", "not-secret-" * 6 if DEBUG else None)
# What is personal is sealed with the first of these and opened with any of them (metrostd/common/sealing.py).
FIELD_KEYS = env.words("FIELD_KEYS")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", default="localhost,127.0.0.1")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
SECURE_HTTPS = env.flag("SECURE_HTTPS", default=not DEBUG)
# Proxies of ours in front of the portal; the trail believes the address the outermost one reports.
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", default=0)

# Apps ------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "metrostd.accounts.admin_config.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "import_export",
    "template_partials",
    "metrostd.common",
    "metrostd.registry",
    "metrostd.accounts",
    "metrostd.notifications",
    "metrostd.trail",
    "metrostd.lists",
    "metrostd.changes",
    "campaigns",
    "metrostd.reminders",
    "metrostd.notices",
    "metrostd.plans",
    "metrostd.complaints",
    "selfcheck",
    "inspections",
    "rectification",
    "metrostd.risk",
    "metrostd.coordination",
    "reporting",
    "metrostd.demo",
]

# Middleware ------------------------------------------------------------------------------------
MIDDLEWARE = [
    "metrostd.common.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "metrostd.common.middleware.CompressMiddleware",
    "csp.middleware.CSPMiddleware",
    "metrostd.common.browser_powers.BrowserPowersMiddleware",
    "metrostd.common.public_pages.PublicPagesMiddleware",
    "metrostd.common.middleware.FreshPagesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "metrostd.accounts.middleware.AuthorshipMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "metrostd.common.bodies.BodyLimitMiddleware",
    "metrostd.common.middleware.RequestOriginMiddleware",
    "metrostd.common.middleware.NulMiddleware",
    "metrostd.accounts.middleware.ActingMembershipMiddleware",
    "campaigns.middleware.PledgeMiddleware",
    "metrostd.common.middleware.DomainErrorMiddleware",
]
ROOT_URLCONF = "metrostd.urls"
WSGI_APPLICATION = "metrostd.wsgi.application"

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
                "metrostd.frame.frame",
            ],
            "builtins": ["metrostd.common.templatetags.ui"],
        },
    },
]

# Database --------------------------------------------------------------------------------------
DATABASES = {
    "default": dj_database_url.parse(
        env.text("DATABASE_URL", f"sqlite:///{VAR_DIR / 'db.sqlite3'}"),
        conn_max_age=60,
        conn_health_checks=True,
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        # A person is told after this that somebody else is writing, within five seconds altogether; a
        # worker waits longer (celery.py).
        "timeout": 4,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    # Statements here are many and short. Compiling one takes longer than running it: with an estimate
    # far too high, the lists behind a whole table took eight times as long.
    # Pages lie in memory or on disks that do not turn: an index is walked more often than 1995 would.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault(
        "options", "-c jit=off -c lock_timeout=5s -c random_page_cost=1.1"
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Web and worker share it: how far a job is, is told here while its transaction is open.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": VAR_DIR / "cache",
    }
}
# Which worker holds which job; kept apart, since a cache that is full throws away what it likes.
CACHES["leases"] = CACHES["default"] | {
    "LOCATION": VAR_DIR / "leases",
    "OPTIONS": {"MAX_ENTRIES": 100_000},
}
if env.text("CACHE_URL", ""):
    CACHES["default"] = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": env.text("CACHE_URL"),
    }
    CACHES["leases"] = CACHES["default"] | {"KEY_PREFIX": "leases"}

#: How long a page for anybody is kept; what is withdrawn is gone after it at the latest.
PUBLIC_PAGES_SECONDS = env.number("PUBLIC_PAGES_SECONDS", default=10)

# Auth ------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["metrostd.accounts.whose.PersonBackend"]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "desk"
LOGOUT_REDIRECT_URL = "accounts:sign_in"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"metrostd.accounts.passwords.{rule}"}
    for rule in ("LongEnough", "OfSeveralKinds", "NotCommon", "NotLikeOneself", "NotUsedBefore")
]
SESSION_ENGINE = "metrostd.accounts.whose"
# Nobody at the screen for so long, and so long after signing in, a session is over.
SESSION_IDLE_SECONDS = env.number("SESSION_IDLE_MINUTES", default=60) * 60
SESSION_COOKIE_AGE = env.number("SESSION_MAX_HOURS", default=12) * 3600
# Whoever acts for an authority signs in with a second factor; units may.
#: Every role of an authority that is granted takes a second system administrator.
TWO_ADMINISTRATORS = env.flag("TWO_ADMINISTRATORS", default=False)
SECOND_FACTOR_REQUIRED = env.flag("SECOND_FACTOR_REQUIRED", default=not DEBUG)
# 统一身份认证 (OpenID Connect), off without an issuer: a further door for whoever has linked it, never an account.
OIDC_ISSUER = env.text("OIDC_ISSUER", "")
OIDC_CLIENT_ID = env.text("OIDC_CLIENT_ID", "")
OIDC_CLIENT_SECRET = env.text("OIDC_CLIENT_SECRET", "")
OIDC_NAME = env.text("OIDC_NAME", "统一身份认证")
# An account nobody used for so long is put to sleep.
ACCOUNT_IDLE_DAYS = env.number("ACCOUNT_IDLE_DAYS", default=180)
SESSION_SAVE_EVERY_REQUEST = False

# Language and time -----------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

# Static and media ------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
# The front-end packages of package-lock.json, copied there by bin/setup.
FRONTEND_DIR = Path(env.text("METROSTD_FRONTEND", str(BASE_DIR / "var" / "frontend")))
STATICFILES_DIRS = [BASE_DIR / "static", FRONTEND_DIR]
WHITENOISE_USE_FINDERS = DEBUG
_COLLECTED = (
    "whitenoise.storage.CompressedManifestStaticFilesStorage"
    if env.flag("STATIC_COMPRESS", default=not DEBUG)
    else "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
)
STORAGES = {
    "default": {
        "BACKEND": "metrostd.common.storage.WholeFileStorage",
        "OPTIONS": {"location": str(VAR_DIR / "files"), "base_url": None},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage" if DEBUG else _COLLECTED
    },
}
if env.text("STORAGE_URL", ""):
    STORAGES["default"] = env.storage(env.text("STORAGE_URL"))
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o600, 0o700
# Papers of an archive laid out at once; 0: one for each core.
PAPER_CORES = env.number("PAPER_CORES", default=0)

UPLOAD_MAX_BYTES = env.number("UPLOAD_MAX_MB", default=20) * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 30 * 1024 * 1024
# A request of several files, and what one person sends in a day.
BODY_MAX_BYTES = env.number("BODY_MAX_MB", default=100) * 1024 * 1024
DAILY_UPLOAD_BYTES = env.number("DAILY_UPLOAD_GB", default=4) * 1024**3

# Mail ------------------------------------------------------------------------------------------
# The address people know the portal by: what a mail or a slip names, whatever host a request claimed.
PORTAL_URL = env.text("PORTAL_URL", "http://localhost:8000").rstrip("/")
EMAIL_TIMEOUT = 20
# Where servers send back what they cannot deliver (each mail gets an address of its own: name+token@host), and the
# box it arrives in: maildir:///folder or imaps://user:password@host/INBOX.
BOUNCE_ADDRESS = env.text("BOUNCE_ADDRESS", "")
BOUNCE_MAILBOX = env.text("BOUNCE_MAILBOX", "")
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "portal@localhost")
EMAIL_FILE_PATH = str(VAR_DIR / "mail")
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
if env.text("EMAIL_URL", ""):
    vars().update(env.mail(env.text("EMAIL_URL")))

# Short messages and workplace messengers, each over a gateway of its own; without an address there is none.
GATEWAYS = {
    channel: {"url": url, "secret": secret}
    for channel, url, secret in (
        ("sms", env.text("SMS_GATEWAY_URL", ""), env.text("SMS_GATEWAY_SECRET", "")),
        (
            "messenger",
            env.text("MESSENGER_GATEWAY_URL", ""),
            env.text("MESSENGER_GATEWAY_SECRET", ""),
        ),
    )
    if url
}
# Inner networks (CIDR) that other systems to be told stand in; elsewhere only the public internet over HTTPS.
WEBHOOK_NETWORKS = env.words("WEBHOOK_NETWORKS")
# People are written to on working days, from the first of these hours until the second.
SENDING_HOURS = (env.number("SENDING_FROM", default=8), env.number("SENDING_UNTIL", default=20))

# More than this in one run of reminders is a mistake, and nothing is sent.
REMINDERS_AT_MOST = env.number("REMINDERS_AT_MOST", default=20000)

# Celery ----------------------------------------------------------------------------------------
CELERY_BROKER_URL = env.text("CELERY_BROKER_URL", "filesystem://")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# A queue for what somebody watches and one for papers, each with workers of its own: nobody's list waits
# behind a hundred orders to print. A worker told nothing serves both.
CELERY_TASK_DEFAULT_QUEUE = "people"
CELERY_TASK_QUEUES = {
    name: {"exchange": name, "routing_key": name} for name in ("people", "papers")
}
# Papers stay far below; a process that has read a list of a hundred thousand rows makes room afterwards.
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 300 * 1024
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A worker that gave no sign of life for so many seconds is gone, and its job is offered again.
WORKER_FORGOTTEN_AFTER = env.number("WORKER_FORGOTTEN_AFTER", default=30)
# What the clock has done outlives a container that is made anew.
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "state" / "celerybeat-schedule")
CELERY_BEAT_SCHEDULER = "metrostd.common.beat:WatchedScheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 20
(VAR_DIR / "state").mkdir(parents=True, exist_ok=True)
if CELERY_BROKER_URL == "filesystem://":
    CELERY_BROKER_URL = "filesystem://localhost"  # kombu warns about a name it does not need
    _QUEUE = VAR_DIR / "queue"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_QUEUE / "messages"),
        "data_folder_out": str(_QUEUE / "messages"),
        "control_folder": str(_QUEUE / "control"),
        "store_processed": False,
    }
    for _folder in ("messages", "control"):
        (_QUEUE / _folder).mkdir(parents=True, exist_ok=True)
CELERY_BEAT_SCHEDULE = SCHEDULE

# Third party -----------------------------------------------------------------------------------
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
IMPORT_EXPORT_USE_TRANSACTIONS = True
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True

# Security --------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_HTTPS
SECURE_SSL_REDIRECT = SECURE_HTTPS
SECURE_HSTS_SECONDS = 31536000 if SECURE_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE_HTTPS else None
X_FRAME_OPTIONS = "DENY"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"timed": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "timed"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "WARNING")},
}
