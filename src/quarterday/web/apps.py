from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "quarterday.web"
    label = "web"

    def ready(self) -> None:
        from quarterday.web.translations import compile_catalogues

        compile_catalogues()
