"""Integers, truth values, doubles and decimals."""

from apps.importer import convert
from tests.importer.cases import keeps, refuses, takes

BIGINT = convert.integer()
INTEGER = convert.integer(32)
SMALLINT = convert.integer(16)
BOOLEAN = convert.boolean()
REAL = convert.real()
MONEY = convert.decimal(10, 2)
SHARE = convert.decimal(4, 4)

INFINITY = float("inf")
BLANK = ("", " ", "\t\r\n ")

INTEGERS = [
    # stored integers inside the range of the target
    *takes(BIGINT, "0", 0),
    *takes(BIGINT, "-9223372036854775808", -(2**63)),
    *takes(BIGINT, "9223372036854775807", 2**63 - 1),
    *takes(INTEGER, "2147483647", 2**31 - 1),
    *takes(INTEGER, "-2147483648", -(2**31)),
    *takes(SMALLINT, "-32768", -(2**15)),
    # and outside
    *refuses(INTEGER, "number_range", 2**31, -(2**31) - 1, 2**63 - 1, 3e9, "2147483648", "-2147483649"),
    *refuses(SMALLINT, "number_range", 2**15, "40000", -4e4),
    # doubles without a fraction, up to 2^53
    *takes(BIGINT, "42", 42.0),
    *takes(BIGINT, "0", 0.0, -0.0),
    *takes(BIGINT, "9007199254740992", 2.0**53),
    *takes(BIGINT, "-9007199254740992", -(2.0**53)),
    *refuses(BIGINT, "number_invalid", 42.5, -0.1, 5e-324, 2.0**53 + 2, -1e300, INFINITY, -INFINITY),
    # digits in text, blanks aside
    *takes(BIGINT, "42", "42", "+42", " 42\n", "\t0042\r", "+000042"),
    *takes(BIGINT, "-42", "-42", "-0042"),
    *takes(BIGINT, "0", "0", "-0", "+0", "0" * 5000),
    *takes(BIGINT, "9223372036854775807", "9223372036854775807", "000000009223372036854775807"),
    *takes(BIGINT, "-9223372036854775808", "-9223372036854775808"),
    *refuses(BIGINT, "number_range", "9223372036854775808", "-9223372036854775809", "1" * 20, "9" * 10_000),
    # other literals
    *refuses(
        BIGINT, "number_invalid", "3.0", "1e5", "0x1F", "1_000", "１２", "1,000", "twelve", "--1", "+-1"
    ),
    *refuses(BIGINT, "number_invalid", "+"),
    *refuses(BIGINT, "number_invalid", "1 000", "4 2", "- 1", "1\x00", "٤٢", "²", "\xa042", "4\udcff"),
    *refuses(BIGINT, "number_invalid", "true"),
    *refuses(BIGINT, "empty_value", *BLANK),
    *refuses(BIGINT, "type_mismatch", b"", b"42"),
]

BOOLEANS = [
    *takes(BOOLEAN, "t", 1, 1.0, "1", "true", "t", "yes", "y", "on", "TRUE", "Yes", " oN\r\n", "\tT"),
    *takes(BOOLEAN, "f", 0, 0.0, -0.0, "0", "false", "f", "no", "n", "off", "FALSE", "No", " oFf ", "F\n"),
    *refuses(BOOLEAN, "boolean_invalid", 2, -1, 0.5, 2.0, INFINITY, -(2**63)),
    *refuses(
        BOOLEAN, "boolean_invalid", "of", "tr", "fals", "ye", "enabled", "null", "None", "真", "2", "-1"
    ),
    *refuses(BOOLEAN, "boolean_invalid", "1.0", "0.0", "01", "+1", "o n", "ｔ", "\xa0t", "t\x00", "\udcff"),
    *refuses(BOOLEAN, "empty_value", *BLANK),
    *refuses(BOOLEAN, "type_mismatch", b"", b"1", b"\x01"),
]

REALS = [
    # the same double
    *takes(REAL, "0.1", 0.1),
    *takes(REAL, "-0.0", -0.0),
    *takes(REAL, "5e-324", 5e-324),
    *takes(REAL, "1.7976931348623157e+308", 1.7976931348623157e308),
    *takes(REAL, "0.30000000000000004", 0.1 + 0.2),
    *takes(REAL, "Infinity", INFINITY),
    *takes(REAL, "-Infinity", -INFINITY),
    # integers that are a double
    *takes(REAL, "42.0", 42),
    *takes(REAL, "9007199254740992.0", 2**53),
    *takes(REAL, "-9.223372036854776e+18", -(2**63)),
    *refuses(REAL, "number_range", 2**53 + 1, -(2**53) - 1, 2**63 - 1, 10**400),
    # literals, to the nearest double
    *takes(REAL, "0.1", "0.1", "+0.1", " 0.1\n", ".1", "00.10", "1e-1", "1E-1", "10e-2", "0.1e+0"),
    *takes(REAL, "0.1", "0.1e-0000"),
    *takes(REAL, "0.1", "0.1000000000000000055511151231257827"),
    *takes(REAL, "1.0", "1", "1.", "+1.0e0", "0.00001e5"),
    *takes(REAL, "-0.0", "-0", "-0.0", "-0e999999999999"),
    *takes(REAL, "9007199254740992.0", "9007199254740993"),
    *takes(REAL, "5e-324", "5e-324", "3e-324", "4.9406564584124654e-324"),
    *takes(REAL, "1.7976931348623157e+308", "1.7976931348623157e308", "1.7976931348623158e308"),
    *takes(REAL, "0.0", "0e-999999", "0.000", "0" * 5000),
    *refuses(REAL, "number_range", "1e309", "-1e400", "1.8e308", "1e-400", "-2e-324", "1" * 400),
    *refuses(REAL, "number_range", "1e99999999999999999999", "1e-99999999999999999999", "0.1e-400"),
    # no number
    *refuses(REAL, "number_invalid", "nan", "NaN", "inf", "Infinity", "-Infinity", "0x1F", "1_000", "1,5"),
    *refuses(REAL, "number_invalid", "one"),
    *refuses(REAL, "number_invalid", ".", "+", "-.", "e5", "1e", "1e+", "1.5.2", "1 5", "１.５", "1e5.0"),
    *refuses(REAL, "number_invalid", "0x1p3"),
    *refuses(REAL, "number_invalid", "\xa01", "1\x00", "1\udcff", "1f", "1d0", "--1", float("nan")),
    *refuses(REAL, "empty_value", *BLANK),
    *refuses(REAL, "type_mismatch", b"", b"0.1"),
]

DECIMALS = [
    *takes(MONEY, "12.5", 12.5, "12.5", "+12.50", " 012.500\n", "1.25e1", "1250E-2", "12.5e0"),
    *takes(MONEY, "-12.5", -12.5, "-12.5", "-.125e+2"),
    *takes(MONEY, "0.1", 0.1, ".1", "0.1"),
    *takes(MONEY, "0.01", 0.01, "1e-2"),
    *takes(MONEY, "0", 0, 0.0, -0.0, "0", "-0.000", "0e99999", "0e-99999", "0.000000"),
    *takes(MONEY, "42", 42, 42.0, "42.000000"),
    *takes(MONEY, "99999999.99", 99999999.99, "99999999.99"),
    *takes(MONEY, "-99999999", -99999999, "-99999999.0"),
    *takes(MONEY, "10000000", 1e7, "1e7", "0.00000001e15"),
    *keeps(SHARE, "0.1234", "-0.0001"),
    # digits without room, before the point and after it
    *refuses(MONEY, "number_range", 100000000, "100000000", 1e8, -1e300, 2**63 - 1, "1e8", "1e99999999999"),
    *refuses(MONEY, "number_range", 0.001, "12.345", "1e-3", 0.1 + 0.2, 5e-324, "1e-99999999999", INFINITY),
    *refuses(MONEY, "number_range", -INFINITY),
    *refuses(SHARE, "number_range", 1, "1", "0.12345", 1.0),
    *refuses(MONEY, "number_invalid", "nan", "inf", "Infinity", "1,5", "1_0", "0x1", "１", "€5", "1e", "."),
    *refuses(MONEY, "number_invalid", "1\udcff"),
    *refuses(MONEY, "empty_value", *BLANK),
    *refuses(MONEY, "type_mismatch", b"", b"1"),
]

ALL = [*INTEGERS, *BOOLEANS, *REALS, *DECIMALS]
