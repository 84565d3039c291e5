"""The site as a WSGI application, for gunicorn."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from waymark.core.locks import FolderLock

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "waymark.settings")
application = get_wsgi_application()
# Kept as long as the process lives: nobody exchanges the data folder meanwhile.
lock = FolderLock(settings.DATA)
lock.share()
