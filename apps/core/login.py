"""A link that lets whoever sits at this machine look around in the admin, without a password.

The link is signed, works once, for ten minutes, only from this machine and only with debug on. It opens the
account ``viewer``, which may look at everything and change nothing.
"""

import ipaddress
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model, login
from django.contrib.auth.models import AbstractUser, Permission
from django.core.signing import BadSignature, SignatureExpired, TimestampSigner
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

ACCOUNT = "viewer"
LIFETIME = 600
"""Seconds for which a link is good."""
HOSTS = ("localhost", "127.0.0.1", "[::1]")


class Refused(Exception):
    """A link that does not open; the message says why."""


class Taken(Exception):
    """The name of the account belongs to somebody who has a password or more rights."""


def viewer() -> AbstractUser:
    """The account that may look at everything, made when missing; it has no password.

    Taken: the name is another's.
    """
    user = get_user_model().objects.filter(username=ACCOUNT).first()
    if user is None:
        user = get_user_model().objects.create_user(ACCOUNT, is_staff=True)
    if user.has_usable_password() or user.is_superuser:
        raise Taken(
            f"There is an account {ACCOUNT} with a password or all rights, which is left as it is: log in."
        )
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    return user


def make_token(user: AbstractUser) -> str:
    """A signed text that is good for one login: it names the login before it."""
    return signer().sign_object({"user": user.pk, "since": _state(user)}, compress=False)


def redeem(token: str) -> AbstractUser:
    """The user of a token, who counts as logged in from now on; Refused for all but the first use."""
    try:
        claim = signer().unsign_object(token, max_age=LIFETIME)
    except SignatureExpired:
        raise Refused(_("This link has expired.")) from None
    except BadSignature:
        raise Refused(_("This link is not complete.")) from None
    user = get_user_model().objects.filter(pk=claim["user"], username=ACCOUNT, is_active=True).first()
    if user is None or _state(user) != claim["since"]:
        raise Refused(_("This link has been used."))
    before, user.last_login = user.last_login, timezone.now()
    first = type(user).objects.filter(pk=user.pk, last_login=before).update(last_login=user.last_login)
    if not first:
        raise Refused(_("This link has been used."))
    return user


def signer() -> TimestampSigner:
    """What signs and reads tokens."""
    return TimestampSigner(salt="apps.core.login")


def is_local(request: HttpRequest) -> bool:
    """Whether a request comes from this machine, addressed to it, and through no proxy."""
    host, _port = split_domain_port(request.get_host())
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:  # a server on a Unix socket names no address
        return False
    return address.is_loopback and host in HOSTS and "HTTP_X_FORWARDED_FOR" not in request.META


@never_cache
@require_GET
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """Log the viewer in and show the admin; 403 with the reason where that is not allowed."""
    try:
        if not (settings.DEBUG and is_local(request)):
            raise Refused(_("Links like this open on the machine itself, while it is being tried out."))
        user = redeem(token)
    except Refused as refusal:
        context: dict[str, Any] = {"reason": str(refusal), "login": reverse("admin:login")}
        return render(request, "core/link_refused.html", context, status=403)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return redirect("admin:index")


def _state(user: AbstractUser) -> str:
    return user.last_login.isoformat() if user.last_login else ""
