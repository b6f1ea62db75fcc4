"""A workbook with everything that Excel can hold and that most programs lose when they save it."""
