"""The parts of the sample workbook, by what they are about."""
