"""The settings of the tests: the product's own, on a PostgreSQL that only tests use.

DATABASE_URL, where it is set, names a server on which tests may create roles and databases; without it the embedded
PostgreSQL is started below var/tests. Either way no test can reach the database that an installation uses.
"""

import os
from base64 import urlsafe_b64encode
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

# Kept under another name, because the processes that pytest-xdist starts import this file again.
os.environ.setdefault("QUARTERDAY_TEST_SERVER", os.environ.get("DATABASE_URL", ""))
for name in [name for name in os.environ if name.startswith("QUARTERDAY_") and name != "QUARTERDAY_TEST_SERVER"]:
    del os.environ[name]
os.environ.pop("DATABASE_URL", None)
os.environ["QUARTERDAY_DATA_FOLDER"] = str(ROOT / "var" / "tests")
os.environ["QUARTERDAY_SECRET_KEYS"] = "a signing key that is used by tests and nowhere else"
os.environ["QUARTERDAY_ENCRYPTION_KEYS"] = urlsafe_b64encode(b"an encryption key only for tests").decode()

from quarterday.config.settings import *  # noqa: E402, F403  (after the environment is made)

# Argon2 is slow on purpose; what it protects is not here.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Tests sign in with one act, and count in their own process; test_second_factor.py has it as in an installation.
SECOND_FACTOR_FOR = ()
CACHES = {name: {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"} for name in ("default", "process")}

# Each test client begins a handler of its own, and would list every file of the pages' style: 0.3 seconds a client.
WHITENOISE_AUTOREFRESH = True

# The demo and the tests share what npm fetched.
ASSETS = ROOT / "var" / "assets"
STATICFILES_DIRS = [("tabler", ASSETS / "node_modules" / "@tabler" / "core" / "dist")]
