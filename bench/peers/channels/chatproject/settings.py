"""Settings after the guides, with the best that each part offers."""

import os
from datetime import timedelta
from pathlib import Path

DATA = Path(os.environ["PEER_DATA"])

# The data live for one run on loopback, and so does the secret.
SECRET_KEY = "for one run of the benchmark, on loopback only"
DEBUG = False
# The origin is checked as the guide has it; programs send none, which only this setting lets pass.
ALLOWED_HOSTS = ["*"]
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "rest_framework",
    "channels",
    "chatapp",
]

ASGI_APPLICATION = "chatproject.asgi.application"

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA / "db.sqlite3",
        # Kept open: by default each call would open the file anew.
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL",
            # Two processes write. A transaction that began to read before it wrote could not wait for the other.
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
        },
    }
}

# The benchmark raises limits that the load would meet: at 100, the default, messages are dropped without a word.
CAPACITY = 1_000_000
LAYERS = {
    "core": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {"hosts": [f"unix://{DATA}/redis.sock"], "capacity": CAPACITY},
    },
    "pubsub": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [f"unix://{DATA}/redis.sock"]},
    },
}
CHANNEL_LAYERS = {"default": LAYERS[os.environ.get("CHANNELS_LAYER", "pubsub")]}

SIMPLE_JWT = {"ACCESS_TOKEN_LIFETIME": timedelta(hours=24)}
