"""What can be wrong with a workbook or a CSV file, each with its place and what to do.

UserError
├── TableFileWrong       the file, the sheet, the column or the cell is not what the robot needs
└── WorkbookNotWritable  a change would lose something that the workbook holds; nothing was written
SystemFailure
├── WorkbookInUse        somebody has it open
└── WorkbookChanged      somebody saved it while the robot was at work on it
BusinessFailure
└── ValueNotWritable     a value of this record cannot stand in a cell or in this encoding
"""

from backoffice.errors import BusinessFailure, SystemFailure, UserError


class TableFileWrong(UserError):
    """A workbook or CSV file is missing, broken, or without the sheet, column or row that the robot needs."""


class WorkbookNotWritable(UserError):
    """A change would lose something that the workbook holds. Nothing was written."""


class WorkbookInUse(SystemFailure):
    """Somebody has the workbook open, or may not be disturbed; later it may work."""


class WorkbookChanged(SystemFailure):
    """Somebody saved the workbook between our reading and our writing. Nothing was written."""


class ValueNotWritable(BusinessFailure):
    """A value of this record cannot be written into a cell or in the encoding of a file."""
