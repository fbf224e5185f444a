"""How many examples a property test tries: 500; with HYPOTHESIS_PROFILE=long HYPOTHESIS_EXAMPLES, or 20,000."""

import os

from hypothesis import HealthCheck, settings

SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much]

settings.register_profile(
    "short", max_examples=500, deadline=None, derandomize=True, database=None, suppress_health_check=SLOW
)
many = int(os.environ.get("HYPOTHESIS_EXAMPLES", "20000"))
settings.register_profile("long", max_examples=many, deadline=None, suppress_health_check=SLOW)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "short"))
