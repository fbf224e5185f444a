"""What ``manage.py`` runs: Django's commands, with errors that a person can act on told in one line.

Exit codes beside the commands' own: 5 PostgreSQL unusable or gone, 2 wrong settings, 130 Ctrl-C, 143 SIGTERM,
141 nobody reads the output any more.
"""

import gc
import os
import signal
import sys
from types import FrameType

UNUSABLE = 5
WRONG_SETTINGS = 2
ALLOCATED = 50_000
"""Objects between two looks of the collector, which took a quarter of the start with Python's 700."""


def run(arguments: list[str]) -> int:
    """Run a command line; the exit code. Commands that end by SystemExit end so."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    signal.signal(signal.SIGTERM, _terminate)
    gc.set_threshold(ALLOCATED)
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    finally:
        gc.freeze()  # the last look, at the interpreter's end, would go through all that was imported
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)  # what runs at exit is short, and is to run whole


def _run(arguments: list[str]) -> int:
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import Error

    from apps.core.database import Unusable, recognise
    from config.env import WrongURL

    try:
        execute_from_command_line(arguments)
    except BrokenPipeError:  # the reader went, as in `manage.py import_runs | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except ImproperlyConfigured as error:
        return _tell(str(error), UNUSABLE if isinstance(error, WrongURL) else WRONG_SETTINGS, arguments)
    except (Error, Unusable) as error:
        sentence = recognise(error)
        if sentence is None:
            raise
        return _tell(sentence, UNUSABLE, arguments)
    return 0


def _tell(sentence: str, code: int, arguments: list[str]) -> int:
    """Print the sentence; with --traceback the exception that is being handled goes on instead."""
    if "--traceback" in arguments:
        raise  # the exception that the caller's except clause is handling
    print(sentence, file=sys.stderr)
    return code


def _terminate(number: int, frame: FrameType | None) -> None:
    """End as after a normal end, so that what runs at exit runs."""
    sys.exit(128 + number)
