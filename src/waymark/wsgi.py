"""The site as a WSGI application, for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application
from django.utils import timezone

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "waymark.settings")
application = get_wsgi_application()

# After Django is set up: models cannot be imported before.
from waymark.pipeline.start import start_installation  # noqa: E402

# A process that is started again may meet another database than the one before it. The lock is kept
# as long as the process lives.
lock = start_installation(now=timezone.now())
