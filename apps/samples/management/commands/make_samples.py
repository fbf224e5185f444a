"""``manage.py make_samples``: realistic legacy SQLite files, with a few planted faults."""

from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.samples.catalogue import STANDARD, SYSTEMS, select
from apps.samples.writer import Sample, SampleError, Written, write_sample


class Command(BaseCommand):
    """Write sample files."""

    help = (
        "Writes one realistic legacy SQLite file for each system into DIR, over older sample files but over"
        " no other. The same arguments give the same rows."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "dir", nargs="?", metavar="DIR", help="folder to write to (default: .data/samples)"
        )
        parser.add_argument(
            "--rows", type=positive, default=200, metavar="N", help="rows of each file's largest table (200)"
        )
        parser.add_argument(
            "--seed", type=int, default=0, metavar="S", help="another number, other contents (0)"
        )
        parser.add_argument("--clean", action="store_true", help="plant no faults")
        parser.add_argument(
            "--system", action="append", choices=SYSTEMS, help="only this system (repeatable)"
        )
        chosen = parser.add_mutually_exclusive_group()
        chosen.add_argument("--variant", default=STANDARD, metavar="NAME", help="another shape of the files")
        chosen.add_argument("--all-variants", action="store_true", help="every shape, in a file each")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the files and print a line for each."""
        folder = Path(options["dir"] or settings.DATA_DIR / "samples")
        try:
            chosen = select(options["system"] or (), None if options["all_variants"] else options["variant"])
            make_folder(folder)
            for sample in chosen:
                self.write(sample, folder, options)
        except SampleError as error:
            raise CommandError(str(error), returncode=2) from error

    def write(self, sample: Sample, folder: Path, options: dict[str, Any]) -> None:
        """Write one file and print its line."""
        self.stdout.write(
            line(write_sample(sample, folder, options["rows"], options["seed"], options["clean"]))
        )


def positive(text: str) -> int:
    """Read a number of rows."""
    if not text.isdecimal() or not int(text):
        raise ArgumentTypeError(f"{text!r} is no number of rows; give 1 or more")
    return int(text)


def make_folder(folder: Path) -> None:
    """Make the folder where it is not there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SampleError(f"{folder} cannot be made a folder: {error.strerror}. Name another one.") from error


def line(written: Written) -> str:
    """One file in one line: path, size, rows, faults."""
    faults = sum(written.planted.values())
    told = f", {faults} of them faulty" if faults else ""
    return f"{written.path}  {written.size / 2**20:.1f} MiB  {sum(written.rows.values()):,} rows{told}"
