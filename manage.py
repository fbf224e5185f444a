#!/usr/bin/env python
"""Django's command line for this project."""

import sys

from config.entry import run

if __name__ == "__main__":
    sys.exit(run(sys.argv))
