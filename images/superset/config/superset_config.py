"""Superset of the lab: one account, metadata on the lab's volume, nothing from and nothing to anywhere outside."""

import hashlib
import hmac
import os
from pathlib import Path

DATA = Path(os.environ["SUPERSET_HOME"])
TOKEN = Path(os.environ["LAB_TOKEN_FILE"]).read_bytes().strip()

SECRET_KEY = (DATA / "secret-key").read_text()
# Who logged in with another token has to log in again. Browsers do not tell ports apart: labs side by side on one
# machine must not take each other's cookie.
SESSION_COOKIE_NAME = f"superset-{hashlib.sha256(TOKEN).hexdigest()[:12]}"
JWT_SECRET_KEY = hmac.new(SECRET_KEY.encode(), TOKEN, hashlib.sha256).hexdigest()

SQLALCHEMY_DATABASE_URI = f"sqlite:///{DATA / 'superset.db'}?check_same_thread=false"
SQLALCHEMY_ENGINE_OPTIONS = {"connect_args": {"timeout": 30}}

# Hive's MapReduce needs more than the default half a minute.
SQLLAB_TIMEOUT = 300
SUPERSET_WEBSERVER_TIMEOUT = 300
# How often it asks whether a query is done; the defaults are 1 s and 5 s.
PRESTO_POLL_INTERVAL = 0.1
DB_POLL_INTERVAL_SECONDS = {"hive": 0.5}
# Rows that a browser still shows and the container's memory still holds.
SQL_MAX_ROW = 10_000
ROW_LIMIT = 10_000

# No queue, no alerts: a query runs in the request that asks for it.
CELERY_CONFIG = None
LOG_LEVEL = "WARNING"

# The default names map servers and a counting service.
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],
        "font-src": ["'self'", "data:"],
        "script-src": ["'self'", "'strict-dynamic'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,
    "session_cookie_secure": False,
}


def FLASK_APP_MUTATOR(app):
    """The check for migrations at each start reads all of them; bin/prepare-superset has compared their versions."""
    app.sync_config_to_db = lambda: None
