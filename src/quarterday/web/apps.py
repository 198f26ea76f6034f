from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "quarterday.web"
    label = "web"
