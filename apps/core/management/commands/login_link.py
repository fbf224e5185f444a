"""``manage.py login_link``: print a link that opens the admin once, without a password."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from apps.core import login


class Command(BaseCommand):
    help = "Print a link that opens the admin once, without a password (this machine, DJANGO_DEBUG on)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--address", default="127.0.0.1:8000", help="where runserver listens (%(default)s)"
        )

    def handle(self, *args: Any, address: str, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError(
                "Such links open only while DJANGO_DEBUG is on; otherwise make an account: "
                "manage.py createsuperuser."
            )
        try:
            token = login.make_token(login.viewer())
        except login.Taken as taken:
            raise CommandError(str(taken)) from None
        self.stdout.write(f"http://{address}{reverse('enter', args=[token])}")
