"""Composes filled forms: invented people write on our blanks, and a software scanner scans the sheet.

Nothing here is a real person's handwriting or data. ``page.compose_page`` writes values on a blank,
``scanner.scan`` makes a scan of it, ``records.compose_record`` invents what is written.
"""
