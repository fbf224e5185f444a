"""What every page shares: reading runs in a read-only transaction with a time limit, under a content policy."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from psycopg2.errorcodes import QUERY_CANCELED

from apps.core.database import sqlstate

View = Callable[..., HttpResponseBase]

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
SECONDS = 5


def time_limit() -> int:
    """Return the milliseconds that one query of a page may take (setting ``INSPECTION_SECONDS``)."""
    return round(float(getattr(settings, "INSPECTION_SECONDS", SECONDS)) * 1000)


def secured(response: HttpResponseBase) -> HttpResponseBase:
    """Add the content security policy and what belongs to it."""
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault("Referrer-Policy", "same-origin")
    return response


def inspecting(view: View) -> View:
    """Let a view read only, for so long only; a query that takes longer ends in a page that says what to do.

    The transaction is rolled back in any case: there is nothing in it to keep. Requests that may write (any
    but GET and HEAD) run as they are.
    """

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD"):
            return secured(view(request, *args, **kwargs))
        try:
            return secured(_read(view, request, *args, **kwargs))
        except OperationalError as error:
            if sqlstate(error) != QUERY_CANCELED:
                raise
        return secured(_too_broad(request))

    return inner


def _read(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
    with transaction.atomic():
        with connection.cursor() as cursor:
            limits = "SELECT set_config('statement_timeout', %s, true), set_config('transaction_read_only', 'on', true)"
            cursor.execute(limits, [str(time_limit())])
        response = view(request, *args, **kwargs)
        if hasattr(response, "render") and callable(response.render):
            response.render()
        transaction.set_rollback(True)
    return response


def _too_broad(request: HttpRequest) -> TemplateResponse:
    from django.contrib import admin

    context = {**admin.site.each_context(request), "title": _("Too broad"), "seconds": time_limit() / 1000}
    response = TemplateResponse(request, "core/inspection/too_broad.html", context, status=503)
    return response.render()
