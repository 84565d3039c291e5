"""The bare pages of site_bare.py as a WSGI application."""

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
