"""The settings: one file, and the environment (or ``.env``) decides.

Importing them connects to nothing and starts nothing. Without any variable: the embedded PostgreSQL, and
debug off.
"""

from pathlib import Path

from config import env

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = BASE_DIR / ".data"
ENV = env.read(BASE_DIR)

DATABASE_URL = ENV.str("DATABASE_URL", default="")
EMBEDDED = not DATABASE_URL
DATABASES = {"default": env.database(DATABASE_URL)}
DEBUG = ENV.bool("DJANGO_DEBUG", default=False)
SECRET_KEY = env.secret_key(ENV.str("DJANGO_SECRET_KEY", default=""), DATABASE_URL, BASE_DIR)
ALLOWED_HOSTS = ENV.list("DJANGO_ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

# what the project is about
LEGACY_SQLITE = env.paths(ENV.str("LEGACY_SQLITE", default=""), DATA_DIR / "samples")

# database
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
EMBEDDED_PG_DATA = ENV.str("EMBEDDED_PG_DATA", default="") or str(DATA_DIR / "pg")
DJANGO_EXTENSIONS_RESET_DB_POSTGRESQL_ENGINES = ["django.db.backends.postgresql", env.EMBEDDED]

DOMAIN_APPS = [
    "apps.learners",
    "apps.knowledge",
    "apps.planning",
    "apps.tutoring",
    "apps.practice",
    "apps.community",
    "apps.events",
    "apps.conversations",
    "apps.corpora",
    "apps.collection",
    "apps.agents",
    "apps.projects",
    "apps.runs",
    "apps.governance",
    "apps.memory",
    "apps.library",
    "apps.dialogs",
    "apps.content",
    "apps.workspace",
]
INSTALLED_APPS = [
    "apps.core",
    "apps.embedded_pg",
    "whitenoise.runserver_nostatic",
    "apps.core.inspection.apps.InspectionConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_extensions",
    *DOMAIN_APPS,
    "apps.importer",
    "apps.samples",
]
INSTALLED_APPS += env.added_apps(BASE_DIR / "apps", INSTALLED_APPS)

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# language and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# the admin's style sheets, served by the application itself straight from the apps: there is no step before
STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True

# who may come in, and how: over HTTPS once the database is a server of one's own
LOGIN_URL = "admin:login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
HTTPS = ENV.bool("DJANGO_HTTPS", default=not (DEBUG or EMBEDDED))
SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = ENV.int("DJANGO_HSTS_SECONDS", default=3600) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
CSRF_TRUSTED_ORIGINS = ENV.list("DJANGO_TRUSTED_ORIGINS", default=[])
if ENV.bool("DJANGO_BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
