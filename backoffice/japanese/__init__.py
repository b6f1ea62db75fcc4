"""Rules of Japanese office text as pure functions: eras, width, kana, digits, postal codes, check digits, encodings.

Nothing here normalises a whole text behind the caller's back. Every function changes exactly the characters its
name says and leaves the rest alone, because a name folded by one code point is another person's name.
"""
