"""Instants, days, and columns of epoch numbers."""

from apps.importer import convert
from tests.importer.cases import keeps, refuses, takes

MOMENT = convert.datetime()
SHANGHAI = convert.datetime("Asia/Shanghai")
NEW_YORK = convert.datetime("America/New_York")
SAO_PAULO = convert.datetime("America/Sao_Paulo")
DAY = convert.date()
SECONDS, MILLIS = convert.epoch("s"), convert.epoch("ms")
SECONDS_AS_MOMENT, MILLIS_AS_MOMENT = convert.epoch("s", "datetime"), convert.epoch("ms", "datetime")

INFINITY = float("inf")
BLANK = ("", " ", "\t\r\n ")

MOMENTS_IN_TEXT = [
    # separators, seconds and fractions that may be left out, point or comma
    *takes(MOMENT, "2025-03-14 15:09:26+00", "2025-03-14 15:09:26", "2025-03-14T15:09:26"),
    *takes(MOMENT, "2025-03-14 15:09:26+00", "2025-03-14t15:09:26"),
    *takes(MOMENT, "2025-03-14 15:09:00+00", "2025-03-14 15:09", "2025-03-14T15:09", "2025-03-14 15:09Z"),
    *takes(MOMENT, "2025-03-14 15:09:26.535897+00", "2025-03-14 15:09:26.535897"),
    *takes(MOMENT, "2025-03-14 15:09:26.535897+00", "2025-03-14T15:09:26,535897"),
    *takes(MOMENT, "2025-03-14 15:09:26.500000+00", "2025-03-14 15:09:26.5", "2025-03-14 15:09:26,50"),
    *takes(MOMENT, "2025-03-14 15:09:26.000001+00", "2025-03-14 15:09:26.000001"),
    *takes(MOMENT, "2025-03-14 15:09:26+00", "2025-03-14 15:09:26.000000", "2025-03-14 15:09:26.0"),
    *takes(MOMENT, "2025-03-14 15:09:26+00", " 2025-03-14 15:09:26\r\n"),
    # zones
    *takes(MOMENT, "2025-03-14 15:09:26+00", "2025-03-14 15:09:26Z", "2025-03-14 15:09:26z"),
    *takes(MOMENT, "2025-03-14 15:09:26+00", "2025-03-14T15:09:26 Z"),
    *takes(MOMENT, "2025-03-14 15:09:26+00", "2025-03-14T15:09:26+00:00", "2025-03-14T15:09:26-00:00"),
    *takes(MOMENT, "2025-03-14 15:09:26+00", "2025-03-14 15:09:26+00"),
    *takes(MOMENT, "2025-03-14 15:09:26+00", "2025-03-14T15:09:26+00:00Z", "2025-03-14T15:09:26 +00:00Z"),
    *takes(MOMENT, "2025-03-14 15:09:26+00", "2025-03-14t15:09:26+00:00Z"),
    *takes(MOMENT, "2025-03-14 07:09:26+00", "2025-03-14 15:09:26+08", "2025-03-14 15:09:26+0800"),
    *takes(MOMENT, "2025-03-14 07:09:26+00", "2025-03-14 15:09:26 +08:00"),
    *takes(MOMENT, "2025-03-14 20:39:26.100000+00", "2025-03-14T15:09:26.1-05:30"),
    *takes(MOMENT, "2025-03-14 20:39:26.100000+00", "2025-03-14T15:09:26,1 -0530"),
    *takes(MOMENT, "2025-03-13 23:10:00+00", "2025-03-14 15:09+15:59"),
    *takes(MOMENT, "2025-03-15 07:08:00+00", "2025-03-14 15:09-15:59"),
    # a day alone is its midnight
    *takes(MOMENT, "2025-03-14 00:00:00+00", "2025-03-14", "\t2025-03-14 "),
    *takes(MOMENT, "2024-02-29 00:00:00+00", "2024-02-29", "2024-02-29T00:00:00.000000"),
    # more digits than the microsecond, when they are zeros
    *takes(MOMENT, "2025-03-14 15:09:26.535897+00", "2025-03-14 15:09:26.5358970"),
    *takes(MOMENT, "2025-03-14 15:09:26.535897+00", "2025-03-14 15:09:26.535897000Z"),
    *takes(MOMENT, "2025-03-14 15:09:26+00", "2025-03-14 15:09:26." + "0" * 40),
    *refuses(MOMENT, "datetime_precision", "2025-03-14 15:09:26.5358979", "2025-03-14 15:09:26.0000000001"),
    # the ends of the range, after conversion to UTC
    *takes(MOMENT, "0001-01-01 00:00:00+00", "0001-01-01 00:00:00", "0001-01-01"),
    *takes(MOMENT, "0001-01-01 00:00:00+00", "0001-01-01T08:00:00+08:00"),
    *takes(MOMENT, "9999-12-31 23:59:59.999999+00", "9999-12-31 23:59:59.999999"),
    *takes(MOMENT, "9999-12-31 23:59:59.999999+00", "9999-12-31T15:59:59.999999-08"),
    *refuses(MOMENT, "datetime_range", "0001-01-01T00:00:00+00:01", "0001-01-01 07:59:59+08:00"),
    *refuses(MOMENT, "datetime_range", "9999-12-31T23:59:59-00:01", "9999-12-31 23:00:00.5 -01"),
    *refuses(MOMENT, "datetime_range", "0000-01-01 00:00:00", "0000-12-31 23:00:00-05:00"),
    *refuses(MOMENT, "datetime_range", "0000-00-00 00:00:00"),
    *refuses(MOMENT, "datetime_invalid", "10000-01-01 00:00:00", "-0001-01-01 00:00:00", "+2025-01-01"),
    # on no calendar or clock
    *refuses(MOMENT, "datetime_invalid", "2025-03-14 23:59:60", "2025-03-14 24:00:00", "2025-03-14 12:60:00"),
    *refuses(MOMENT, "datetime_invalid", "2025-13-01 00:00:00", "2025-02-30 00:00:00", "2025-02-29"),
    *refuses(MOMENT, "datetime_invalid", "1900-02-29"),
    *refuses(MOMENT, "datetime_invalid", "2025-00-10", "2025-01-00", "2025-04-31", "2025-01-32"),
    *refuses(MOMENT, "datetime_invalid", "2025-03-14 15:09:26+16:00", "2025-03-14 15:09:26+05:60"),
    *refuses(MOMENT, "datetime_invalid", "2025-03-14 15:09-1600"),
    # other spellings
    *refuses(MOMENT, "datetime_invalid", "15:09:26", "now", "today", "infinity", "-infinity", "epoch"),
    *refuses(MOMENT, "datetime_invalid", "tomorrow"),
    *refuses(MOMENT, "datetime_invalid", "01/02/2025", "2025/01/02", "14.03.2025", "2025-1-1"),
    *refuses(MOMENT, "datetime_invalid", "2025-03-14 5:09", "25-03-14"),
    *refuses(MOMENT, "datetime_invalid", "2025-W11-5", "2025-073", "20250314T150926", "2025-03"),
    *refuses(MOMENT, "datetime_invalid", "20250314T150926Z"),
    *refuses(MOMENT, "datetime_invalid", "2025-03-14 15:09:26 UTC", "2025-03-14 15:09:26 CST"),
    *refuses(MOMENT, "datetime_invalid", "2025-03-14 15:09:26[Asia/Shanghai]"),
    *refuses(MOMENT, "datetime_invalid", "2025-03-14  15:09:26", "2025-03-14 15:09:26  Z"),
    *refuses(MOMENT, "datetime_invalid", "2025-03-14\t15:09:26"),
    *refuses(MOMENT, "datetime_invalid", "2025-03-14 15:09:26 x", "2025-03-14 15", "2025-03-14 15:09:26."),
    *refuses(MOMENT, "datetime_invalid", "2025-03-14 15:09.5"),
    *refuses(MOMENT, "datetime_invalid", "2025-03-14T", "2025-03-14Z", "2025-03-14 +00:00"),
    *refuses(MOMENT, "datetime_invalid", "2025-03-14 15:09:26 +00:00z"),
    *refuses(MOMENT, "datetime_invalid", "2025-03-14 15:09:26+8", "2025-03-14 15:09:26+080"),
    *refuses(MOMENT, "datetime_invalid", "2025-03-14 15:09:26+08:00Z"),
    *refuses(MOMENT, "datetime_invalid", "2025-03-14 15:09:26-00:00Z", "2025-03-14 15:09:26+08:00:00"),
    *refuses(MOMENT, "datetime_invalid", "2025-03-14 15:09:26−08:00"),
    *refuses(
        MOMENT, "datetime_invalid", "２０２５-03-14", "2025-03-14 15:09:26\x00", "2025-03-14 15:09:2\udcff"
    ),
    *refuses(MOMENT, "datetime_invalid", "\xa02025-03-14"),
    *refuses(MOMENT, "datetime_invalid", "1e9", "1700000000.", ".5", "1_700_000_000", "1,700,000,000"),
    *refuses(MOMENT, "datetime_invalid", "1700000000Z"),
    *refuses(MOMENT, "empty_value", *BLANK),
    *refuses(MOMENT, "type_mismatch", b"", b"2025-03-14"),
]

MOMENTS_IN_NUMBERS = [
    # seconds, milliseconds, microseconds and nanoseconds of 2000 to 2099, as integer or as text
    *takes(MOMENT, "2023-11-14 22:13:20+00", 1700000000, 1700000000000, 1700000000000000),
    *takes(MOMENT, "2023-11-14 22:13:20+00", 1700000000000000000),
    *takes(MOMENT, "2023-11-14 22:13:20+00", "1700000000", "+1700000000", " 1700000000000\n"),
    *takes(MOMENT, "2023-11-14 22:13:20+00", "0001700000000000000"),
    *takes(MOMENT, "2023-11-14 22:13:20+00", "1700000000000000000", "1700000000.0", "1700000000.000000000"),
    *takes(MOMENT, "2023-11-14 22:13:20.123000+00", 1700000000123, "1700000000123", "1700000000.123"),
    *takes(MOMENT, "2023-11-14 22:13:20.123000+00", "1700000000.1230000"),
    *takes(MOMENT, "2023-11-14 22:13:20.123456+00", 1700000000123456, 1700000000123456000),
    *takes(MOMENT, "2023-11-14 22:13:20.123456+00", "1700000000.123456"),
    *takes(MOMENT, "2023-11-14 22:13:20.123456+00", "1700000000123.456", "1700000000123456.0"),
    *takes(MOMENT, "2023-11-14 22:13:20.123456+00", "1700000000123456000"),
    # both ends of each window
    *takes(MOMENT, "2000-01-01 00:00:00+00", 946684800, 946684800000, 946684800000000, 946684800000000000),
    *takes(MOMENT, "2000-01-01 00:00:00+00", "946684800"),
    *takes(MOMENT, "2099-12-31 23:59:59+00", 4102444799, 4102444799000, 4102444799000000000, "4102444799"),
    *takes(MOMENT, "2099-12-31 23:59:59.999999+00", 4102444799999999, 4102444799999999000),
    *takes(MOMENT, "2099-12-31 23:59:59.999999+00", "4102444799.999999"),
    *refuses(MOMENT, "datetime_ambiguous", 946684799, 4102444800, 946684799999, 4102444800000),
    *refuses(MOMENT, "datetime_ambiguous", 946684799999999),
    *refuses(MOMENT, "datetime_ambiguous", 4102444800000000, 946684799999999999, 4102444800000000000),
    *refuses(MOMENT, "datetime_ambiguous", "946684799.999999"),
    # digits beyond the microsecond
    *refuses(MOMENT, "datetime_precision", 1700000000000000001, "1700000000000000999", "1700000000.1234567"),
    *refuses(MOMENT, "datetime_precision", "1700000000123.4567", "1700000000123456.7"),
    *refuses(MOMENT, "datetime_precision", "1700000000123456000.5"),
    # doubles, rounded half to even
    *takes(MOMENT, "2023-11-14 22:13:20+00", 1700000000.0, 1.7e12, 1.7e15, 1.7e18),
    *takes(MOMENT, "2023-11-14 22:13:20.123000+00", 1700000000.123, 1700000000123.0),
    *takes(MOMENT, "2023-11-14 22:13:20.123456+00", 1700000000.123456, 1700000000123.456, 1700000000123456.0),
    *takes(MOMENT, "2023-11-14 22:13:20+00", 1700000000000000.5),
    *takes(MOMENT, "2023-11-14 22:13:20.000002+00", 1700000000000001.5),
    *takes(MOMENT, "2023-11-14 22:13:20.000002+00", 1700000000000002.5),
    *takes(MOMENT, "2023-11-14 22:13:20.007812+00", 1700000000.0078125),
    *takes(MOMENT, "2023-11-14 22:13:20.023438+00", 1700000000.0234375),
    *takes(MOMENT, "2100-01-01 00:00:00+00", 4102444799.9999995),
    # any other number
    *refuses(MOMENT, "datetime_ambiguous", 0, 1, -1, -1700000000, 20250101, 20250101120000, 2451187),
    *refuses(MOMENT, "datetime_ambiguous", 99999999999, 2**63 - 1),
    *refuses(MOMENT, "datetime_ambiguous", 0.0, -1700000000.0, 2460000.5, 1e300, INFINITY, -INFINITY, 5e-324),
    *refuses(MOMENT, "datetime_ambiguous", float("nan")),
    *refuses(MOMENT, "datetime_ambiguous", "0", "20250101", "2451187.5", "-1700000000", "1" * 20, "9" * 5000),
    *refuses(MOMENT, "datetime_ambiguous", "123"),
]

MOMENTS_SOMEWHERE = [
    # a text without zone is in the zone of its column, one with a zone is not
    *takes(SHANGHAI, "2025-03-14 07:09:26.500000+00", "2025-03-14T15:09:26.5", "2025-03-14 15:09:26.500000"),
    *takes(SHANGHAI, "2025-03-14 15:09:26+00", "2025-03-14T15:09:26Z", "2025-03-14T15:09:26+00:00"),
    *takes(SHANGHAI, "2025-03-14 15:09:26+00", 1741964966),
    *takes(SHANGHAI, "2025-03-13 16:00:00+00", "2025-03-14"),
    *takes(NEW_YORK, "2025-07-04 16:00:00+00", "2025-07-04 12:00"),
    *takes(NEW_YORK, "2025-12-24 17:00:00+00", "2025-12-24 12:00:00"),
    # a time that the zone has twice or never
    *refuses(NEW_YORK, "datetime_ambiguous", "2025-11-02 01:30:00", "2025-11-02T01:00"),
    *refuses(NEW_YORK, "datetime_ambiguous", "2025-03-09 02:30:00", "2025-03-09 02:00"),
    *takes(NEW_YORK, "2025-11-02 04:59:59.999999+00", "2025-11-02 00:59:59.999999"),
    *takes(NEW_YORK, "2025-11-02 07:00:00+00", "2025-11-02 02:00:00"),
    *takes(NEW_YORK, "2025-11-02 05:30:00+00", "2025-11-02 01:30:00-04:00"),
    *takes(NEW_YORK, "2025-03-09 06:59:59+00", "2025-03-09 01:59:59"),
    *takes(NEW_YORK, "2025-03-09 07:00:00+00", "2025-03-09 03:00:00"),
    *refuses(SAO_PAULO, "datetime_ambiguous", "2018-11-04"),
    # out of range only once it is UTC; offsets of long ago have seconds
    *refuses(SHANGHAI, "datetime_range", "0001-01-01 00:00:00"),
    *takes(SHANGHAI, "1899-12-31 15:54:17+00", "1900-01-01 00:00:00"),
    *refuses(NEW_YORK, "datetime_range", "9999-12-31 23:00:00"),
    *refuses(SHANGHAI, "empty_value", *BLANK),
    *refuses(SHANGHAI, "datetime_invalid", "2025-02-30 00:00:00", "x"),
]

DAYS = [
    *keeps(DAY, "2025-03-14", "2024-02-29", "0001-01-01", "9999-12-31", "2000-02-29"),
    *takes(DAY, "2025-03-14", " 2025-03-14\n", "2025-03-14 00:00:00", "2025-03-14T00:00"),
    *takes(DAY, "2025-03-14", "2025-03-14t00:00:00.000"),
    *takes(DAY, "2025-03-14", "2025-03-14 00:00:00,0000000"),
    # another time, or a zone
    *refuses(DAY, "datetime_ambiguous", "2025-03-14 00:00:01", "2025-03-14T12:00"),
    *refuses(DAY, "datetime_ambiguous", "2025-03-14 00:00:00.000001"),
    *refuses(DAY, "datetime_ambiguous", "2025-03-14 00:00:00Z", "2025-03-14T00:00+00:00"),
    *refuses(DAY, "datetime_ambiguous", "2025-03-14 00:00 +08"),
    *refuses(DAY, "datetime_ambiguous", "2025-03-14 00:00:00.00000001"),
    # numbers
    *refuses(DAY, "datetime_ambiguous", 20250314, 0, 1700000000, 2460749.5, INFINITY, "20250314"),
    *refuses(DAY, "datetime_ambiguous", "1700000000", "0.5"),
    # no day
    *refuses(DAY, "datetime_invalid", "2025-02-29", "2025-13-01", "2025-00-01", "0000-01-01", "0000-00-00"),
    *refuses(DAY, "datetime_invalid", "1900-02-29"),
    *refuses(DAY, "datetime_invalid", "2025-3-14", "14/03/2025", "today", "2025-03", "2025-03-14 24:00:00"),
    *refuses(DAY, "datetime_invalid", "2025-W11-5"),
    *refuses(DAY, "datetime_invalid", "2025-03-14 x", "10000-01-01", "２０２５-03-14", "2025-03-14\x00"),
    *refuses(DAY, "datetime_invalid", "2025-03-1\udcff"),
    *refuses(DAY, "datetime_invalid", "2025-03-14Z", "2025-03-14  00:00"),
    *refuses(DAY, "empty_value", *BLANK),
    *refuses(DAY, "type_mismatch", b"", b"2025-03-14"),
]

EPOCHS_AS_INTEGERS = [
    # a number in the window of the column's unit
    *takes(SECONDS, "1700000000", 1700000000, 1700000000.0, "1700000000", "+1700000000", " 1700000000\n"),
    *takes(SECONDS, "1700000000", "1700000000.0"),
    *takes(MILLIS, "1700000000123", 1700000000123, 1700000000123.0, "1700000000123", "01700000000123"),
    *takes(MILLIS, "1700000000123", "1700000000123.00"),
    *takes(SECONDS, "946684800", 946684800),
    *takes(SECONDS, "4102444799", 4102444799),
    *refuses(SECONDS, "number_invalid", 1700000000.5, "1700000000.5", 0.5, -1.5, "0.5"),
    *refuses(MILLIS, "number_invalid", 1700000000123.5, "1700000000123.5", 1e300, INFINITY, -INFINITY),
    *refuses(MILLIS, "number_invalid", float("nan")),
    # a date and time that is a whole number of the unit
    *takes(SECONDS, "1700000000", "2023-11-14 22:13:20", "2023-11-14T22:13:20.000Z"),
    *takes(SECONDS, "1700000000", "2023-11-15 06:13:20+08:00"),
    *takes(MILLIS, "1700000000123", "2023-11-14 22:13:20.123", "2023-11-14T22:13:20,123000+00:00"),
    *takes(SECONDS, "1741910400", "2025-03-14"),
    *takes(SECONDS, "-62135596800", "0001-01-01"),
    *takes(MILLIS, "631152000000", "1990-01-01 00:00:00"),
    *refuses(SECONDS, "number_invalid", "2023-11-14 22:13:20.123"),
    *refuses(MILLIS, "number_invalid", "2023-11-14 22:13:20.123456"),
    # the window of another unit
    *refuses(SECONDS, "datetime_ambiguous", 1700000000000, 1700000000000000, 1700000000000000000, 1.7e12),
    *refuses(SECONDS, "datetime_ambiguous", "1700000000000"),
    *refuses(SECONDS, "datetime_ambiguous", "1700000000000.5", 1700000000000.5),
    *refuses(MILLIS, "datetime_ambiguous", 1700000000, 1700000000000000, 1700000000.5, "1700000000"),
    *refuses(MILLIS, "datetime_ambiguous", "1700000000.5"),
    # outside of every window
    *takes(SECONDS, "0", 0, 0.0, -0.0, "0", "-0"),
    *takes(SECONDS, "-1", -1, -1.0, "-1"),
    *takes(SECONDS, "946684799", 946684799),
    *takes(MILLIS, "20250101", 20250101, "20250101"),
    *takes(MILLIS, "9223372036854775807", 2**63 - 1, "9223372036854775807"),
    *takes(MILLIS, "-9223372036854775808", -(2**63), "-9223372036854775808"),
    *refuses(MILLIS, "number_range", "9223372036854775808", "-9223372036854775809", "1" * 5000),
    *refuses(SECONDS, "number_invalid", 2.0**53 + 2),
    # digits beyond the microsecond, other texts
    *refuses(SECONDS, "datetime_precision", "1700000000.1234567", "2023-11-14 22:13:20.1234567"),
    *refuses(SECONDS, "datetime_invalid", "now", "1e9", "0x65", "1_700_000_000", "22:13:20", "2023-02-30"),
    *refuses(SECONDS, "datetime_invalid", "1\udcff"),
    *refuses(SECONDS, "datetime_range", "0000-01-01", "9999-12-31T23:59:59-01"),
    *refuses(SECONDS, "empty_value", *BLANK),
    *refuses(SECONDS, "type_mismatch", b"", b"1700000000"),
]

EPOCHS_AS_MOMENTS = [
    *takes(SECONDS_AS_MOMENT, "2023-11-14 22:13:20+00", 1700000000, 1700000000.0, "1700000000"),
    *takes(SECONDS_AS_MOMENT, "2023-11-14 22:13:20+00", "2023-11-14T22:13:20"),
    *takes(SECONDS_AS_MOMENT, "2023-11-14 22:13:20.500000+00", 1700000000.5, "1700000000.5"),
    *takes(SECONDS_AS_MOMENT, "2023-11-14 22:13:20.500000+00", "2023-11-14 22:13:20.5"),
    *takes(MILLIS_AS_MOMENT, "2023-11-14 22:13:20.123000+00", 1700000000123, 1700000000123.0),
    *takes(MILLIS_AS_MOMENT, "2023-11-14 22:13:20.123000+00", "1700000000123"),
    *takes(MILLIS_AS_MOMENT, "2023-11-14 22:13:20.123456+00", 1700000000123.456, "1700000000123.456"),
    *takes(MILLIS_AS_MOMENT, "2023-11-14 22:13:20.123456+00", "2023-11-14 22:13:20.123456Z"),
    *takes(SECONDS_AS_MOMENT, "1990-01-01 00:00:00+00", "1990-01-01"),
    *refuses(SECONDS_AS_MOMENT, "datetime_ambiguous", 1700000000000, 1.7e12, "1700000000000"),
    *refuses(SECONDS_AS_MOMENT, "datetime_ambiguous", 1700000000000000),
    *refuses(MILLIS_AS_MOMENT, "datetime_ambiguous", 1700000000, "1700000000", 1700000000000000000),
    *refuses(SECONDS_AS_MOMENT, "datetime_ambiguous", 0, -1, 946684799, 4102444800, "0", 0.5, INFINITY),
    *refuses(SECONDS_AS_MOMENT, "datetime_ambiguous", -INFINITY, 1e300),
    *refuses(SECONDS_AS_MOMENT, "datetime_precision", "1700000000.1234567"),
    *refuses(MILLIS_AS_MOMENT, "datetime_precision", "1700000000123.4567"),
    *refuses(SECONDS_AS_MOMENT, "datetime_invalid", "now", "x"),
    *refuses(SECONDS_AS_MOMENT, "empty_value", *BLANK),
    *refuses(SECONDS_AS_MOMENT, "type_mismatch", b""),
]

MOMENTS = [*MOMENTS_IN_TEXT, *MOMENTS_IN_NUMBERS, *MOMENTS_SOMEWHERE, *EPOCHS_AS_MOMENTS]
ALL = [*MOMENTS, *DAYS, *EPOCHS_AS_INTEGERS]
