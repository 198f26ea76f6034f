"""The ASGI application, for granian: `granian --interface asgi quarterday.config.asgi:application`."""

from quarterday.config.guard import refuse_unsafe
from quarterday.config.start import prepare

refuse_unsafe(prepare())

from django.core.asgi import get_asgi_application  # noqa: E402  (Django must be set up first)

application = get_asgi_application()
