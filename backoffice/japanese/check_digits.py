"""Check digits of 個人番号 (12 digits) and 法人番号 (13 digits).

A right check digit proves only that the digits fit together, not that the number was issued. A wrong one proves a
misreading, but not which digit: the reason never proposes a digit for 個人番号, so that nobody "mends" the number by
its last digit, and it never quotes the number.
"""

from backoffice.japanese.digits import ASCII_DIGITS
from backoffice.japanese.errors import DigitsError, Reason

MY_NUMBER_LENGTH = 12
CORPORATE_NUMBER_LENGTH = 13


def my_number_check_digit(base: str) -> int:
    """Return the check digit (the twelfth) for the first eleven digits of a 個人番号.

    11 − (Σ Pn × Qn mod 11), and 0 when the remainder is 0 or 1; Pn is the n-th of the eleven digits from the right,
    Qn = n + 1 for n ≤ 6 and n − 5 for n ≥ 7. Read from the left the weights are 6 5 4 3 2 7 6 5 4 3 2.

    Source: 平成26年総務省令第85号 第5条 (番号利用法施行令第8条の検査用数字を算出する算式).

    Raises:
        DigitsError: When the base is not eleven ASCII digits.
    """
    _require_digits(base, MY_NUMBER_LENGTH - 1)
    weights = (n + 1 if n <= 6 else n - 5 for n in range(1, 12))
    remainder = sum(int(p) * q for p, q in zip(reversed(base), weights, strict=True)) % 11
    return 0 if remainder <= 1 else 11 - remainder


def corporate_number_check_digit(base: str) -> int:
    """Return the check digit (the first, 1 to 9) for the last twelve digits of a 法人番号.

    9 − (Σ Pn × Qn mod 9); Pn is the n-th digit from the right, Qn = 1 for odd n and 2 for even n. By this formula a
    0 read as 9 (or 9 as 0) is not found out: a reader must not rely on the check digit for that pair.

    Source: 法人番号の指定等に関する省令 (平成26年財務省令第70号) 第2条.

    Raises:
        DigitsError: When the base is not twelve ASCII digits.
    """
    _require_digits(base, CORPORATE_NUMBER_LENGTH - 1)
    weights = (1 if n % 2 else 2 for n in range(1, 13))
    return 9 - sum(int(p) * q for p, q in zip(reversed(base), weights, strict=True)) % 9


def is_my_number(number: str) -> bool:
    """Say whether the text is twelve ASCII digits with a right check digit."""
    return explain_my_number(number) is None


def is_corporate_number(number: str) -> bool:
    """Say whether the text is thirteen ASCII digits with a right check digit."""
    return explain_corporate_number(number) is None


def explain_my_number(number: str) -> Reason | None:
    """Return why a text is not a 個人番号 (characters, length, check digit), or None when it is one."""
    reason = _shape(number, MY_NUMBER_LENGTH)
    if reason is None and my_number_check_digit(number[:-1]) != int(number[-1]):
        reason = Reason("japanese.my_number_check_digit")
    return reason


def explain_corporate_number(number: str) -> Reason | None:
    """Return why a text is not a 法人番号, or None when it is one.

    These numbers are public, so the reason for a wrong check digit names the digit that the formula gives.
    """
    reason = _shape(number, CORPORATE_NUMBER_LENGTH)
    if reason is None:
        expected = corporate_number_check_digit(number[1:])
        if expected != int(number[0]):
            reason = Reason(
                "japanese.corporate_number_check_digit", {"found": number[0], "expected": expected}
            )
    return reason


def is_luhn(number: str) -> bool:
    """Say whether the last digit of a number is its Luhn check digit, as in 保険者番号 (昭和51年保発45号 別添).

    From the right, every second digit is doubled and the digits of all products are added; the sum ends in 0.
    """
    if not number or any(character not in ASCII_DIGITS for character in number):
        return False
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number)))
    return sum(product // 10 + product % 10 for product in doubled) % 10 == 0


def _shape(number: str, length: int) -> Reason | None:
    for position, character in enumerate(number, start=1):
        if character not in ASCII_DIGITS:
            return Reason("japanese.not_a_digit", {"position": position})
    if len(number) != length:
        return Reason("japanese.wrong_length", {"count": len(number), "length": length})
    return None


def _require_digits(base: str, length: int) -> None:
    reason = _shape(base, length)
    if reason is not None:
        raise DigitsError.of(reason)
