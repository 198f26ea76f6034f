"""The WSGI application, for gunicorn: `gunicorn quarterday.config.wsgi`."""

from quarterday.config.guard import refuse_unsafe
from quarterday.config.start import prepare

refuse_unsafe(prepare())

from django.core.wsgi import get_wsgi_application  # noqa: E402  (Django must be set up first)

application = get_wsgi_application()
