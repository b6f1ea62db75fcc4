"""What can go wrong while reading, as exceptions.

    UserError
    ├── NothingToFill    a blank shows no place to write
    ├── FileRefused      the file cannot be taken in at all (not an image, locked, too large, broken)
    ├── LabelsWrong      a labels file for `ocr eval` is not usable
    └── MasterWrong      a list in configs/masters is not usable, or a form names one that is not there
    HakadoriError
    ├── WeightsMissing   the network's weights are not where they should be
    ├── ReadingBroke     our own program failed on a file; the file is safe
    └── DiskFull         the disk filled up while reading; every file waits for the next run

A page that cannot be read is no exception: it is a `PageRefusal` in the result, beside the pages that could be.
"""

from backoffice.errors import HakadoriError, UserError


class FileRefused(UserError):
    """The file cannot be read as pages; nothing of it was used."""


class LabelsWrong(UserError):
    """The labels file of an evaluation is missing a column, a file or a known kind."""


class MasterWrong(UserError):
    """A master file cannot be understood, or a form names a list that does not exist."""


class WeightsMissing(HakadoriError):
    """The weights of the text reader were not found; the installation is incomplete."""


class ReadingBroke(HakadoriError):
    """Our own program failed while it read a file; the file was put aside with this reason."""


class DiskFull(HakadoriError):
    """The disk of the working folder is full; nothing was lost, and every file waits for the next run."""


class NothingToFill(UserError):
    """A blank shows no place to write, so no template can be proposed."""
