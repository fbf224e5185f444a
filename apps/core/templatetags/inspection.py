"""What the pages' templates use beside Django's own tags."""

from django import template
from django.template.defaultfilters import stringfilter

from apps.core.inspection.text import named

register = template.Library()
register.filter("named", stringfilter(named))
