from django.apps import AppConfig


class PlainConfig(AppConfig):
    name = "bench.peers"
    label = "plain"
