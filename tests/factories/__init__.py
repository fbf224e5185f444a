"""Factories for the imported models: a row of any of them by naming only what a test is about."""

import importlib
import pkgutil
from typing import Any

from django.db.models import Model
from factory.django import DjangoModelFactory


class DomainFactory(DjangoModelFactory[Any]):
    """Base of every factory of an imported model."""

    class Meta:
        abstract = True


def factories() -> dict[type[Model], type[DomainFactory]]:
    """Return every factory of this package under the model it makes."""
    for info in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{info.name}")
    return {factory._meta.model: factory for factory in _subclasses(DomainFactory)}


def _subclasses(base: type[DomainFactory]) -> list[type[DomainFactory]]:
    return [found for child in base.__subclasses__() for found in (child, *_subclasses(child))]
