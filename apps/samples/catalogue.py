"""All sample files, and what an import has to set aside in each."""

from collections.abc import Collection

from apps.samples import atlas, sparkle, voice_agent
from apps.samples.agentos import variants as agentos
from apps.samples.writer import Sample, SampleError

STANDARD = "standard"

SAMPLES: tuple[Sample, ...] = (*sparkle.SAMPLES, *atlas.SAMPLES, *agentos.SAMPLES, *voice_agent.SAMPLES)

SYSTEMS = tuple(dict.fromkeys(sample.system for sample in SAMPLES))

#: Faulty rows by system, table and reason, in the standard files.
PLANTED = {sample.system: dict(sample.planted) for sample in SAMPLES if sample.variant == STANDARD}


def sample(system: str, variant: str = STANDARD) -> Sample:
    """The sample of a system in a variant. Raises KeyError for a name that is none."""
    return {(found.system, found.variant): found for found in SAMPLES}[system, variant]


def select(systems: Collection[str] = (), variant: str | None = STANDARD) -> list[Sample]:
    """The samples of the systems (none named: all) in one variant, or in all of them (None).

    Raises SampleError where no sample is left.
    """
    wanted = [found for found in SAMPLES if not systems or found.system in systems]
    chosen = [found for found in wanted if variant in (None, found.variant)]
    if not chosen:
        known = ", ".join(dict.fromkeys(found.variant for found in wanted))
        raise SampleError(f"There is no variant {variant}; there are: {known}.")
    return chosen
