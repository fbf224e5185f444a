"""Texts, closed lists, bytes and uuids."""

from apps.importer import convert
from tests.importer.cases import keeps, refuses, takes

TEXT = convert.text()
SHORT = convert.text(5)
STATUS = convert.enum({"OPEN": "open", "IN_PROGRESS": "in-progress", "DONE": "done"})
CROSSED = convert.enum({"a": "b", "B": "a", "KEPT": "c", "Kept": "C"})
ACCENTED = convert.enum({"TRÄGE": "träge", "KELVIN": "k"})
UUID = convert.uuid()
BLOB = convert.blob()

ID = "0188a3c2-1b2c-7def-8abc-0123456789ab"
DIGITS = ID.replace("-", "")
NIL = "00000000-0000-0000-0000-000000000000"

TEXTS = [
    # taken over character by character: nothing trimmed, folded or normalised
    *keeps(TEXT, "", " ", " a ", "a\r\nb\tc", "back\\slash", "\\N", "\\.", "\x7f", "\x01"),
    *keeps(TEXT, "😀👩‍👩‍👧", "مرحبا", "e\u0301", "é", "中文", "\uffff", "\ufeffmark", "\U0010ffff", "\u2028"),
    *keeps(TEXT, "<script>", "=cmd()", "NULL", "null", "01ARZ3NDEKTSV4RRFFQ69G5FAV"),
    # what PostgreSQL has no text for
    *refuses(TEXT, "text_nul", "\x00", "a\x00b", "中\x00"),
    *refuses(TEXT, "text_encoding", "\udcff", "caf\udce9", "\udced\udca0\udc80", "中\udc80文"),
    # the width of the target, in characters, trailing blanks included
    *keeps(SHORT, "12345", "一二三四五", "😀😀😀😀😀", "1234 "),
    *refuses(SHORT, "text_too_long", "123456", "12345 ", "一二三四五六", "e\u0301e\u0301e\u0301"),
    # other storage classes
    *refuses(TEXT, "type_mismatch", 1, 0, 1.5, float("inf"), b"", b"text"),
]

ENUMS = [
    # by value or by name, in any case, blanks aside
    *takes(STATUS, "open", "open", "OPEN", "Open", " open\t", "\r\noPEN"),
    *takes(STATUS, "in-progress", "in-progress", "IN_PROGRESS", "In-Progress", "in_progress"),
    *takes(ACCENTED, "träge", "träge", "TRÄGE", "Träge"),
    *takes(ACCENTED, "k", "k", "K", "kelvin"),
    # no member, or two
    *refuses(STATUS, "enum_unknown", "closed", "ope", "open!", "in progress", "op en", "\xa0open"),
    *refuses(STATUS, "enum_unknown", "open\x00"),
    *refuses(STATUS, "enum_unknown", 1, 0, 1.0, "1", "open\udcff"),
    *refuses(CROSSED, "enum_unknown", "a", "A", "b", "B", "c", "C", "kept"),
    # a letter that only case folding turns into an ASCII one
    *refuses(ACCENTED, "enum_unknown", "\u212a", "\u212aelvin", "trage", "tra\u0308ge"),
    *refuses(STATUS, "empty_value", "", " ", "\t\r\n "),
    *refuses(STATUS, "type_mismatch", b"open"),
]

BLOBS = [
    *takes(BLOB, "\\x", b""),
    *takes(BLOB, "\\x00ff41", b"\x00\xffA"),
    *takes(BLOB, "\\x80049503", b"\x80\x04\x95\x03"),
    *refuses(BLOB, "type_mismatch", "", "text", "\\x00", 0, 1, 1.5),
]

UUIDS = [
    # 32 digits or dashes, any case, blanks aside
    *takes(UUID, ID, ID, ID.upper(), DIGITS, DIGITS.upper(), f" {ID}\n", f"\t{DIGITS.upper()} \r\n"),
    *takes(UUID, ID, "0188A3c2-1b2C-7def-8ABC-0123456789aB"),
    # urn or braces around either
    *takes(UUID, ID, f"urn:uuid:{ID}", f"URN:UUID:{ID.upper()}", f"Urn:Uuid:{DIGITS}"),
    *takes(UUID, ID, f"{{{ID}}}", f"{{{DIGITS}}}", f" {{{ID.upper()}}} "),
    # sixteen bytes in field order
    *takes(UUID, ID, bytes.fromhex(DIGITS)),
    *takes(UUID, "30313233-3435-3637-3839-616263646566", b"0123456789abcdef"),
    # nil, any version, any variant
    *takes(UUID, NIL, NIL, NIL.replace("-", ""), bytes(16)),
    *takes(UUID, "ffffffff-ffff-ffff-ffff-ffffffffffff", "F" * 32),
    *takes(UUID, "12345678-1234-f234-0234-123456789012", "12345678-1234-f234-0234-123456789012"),
    # dashes elsewhere
    *refuses(UUID, "uuid_invalid", ID[:-1] + "-" + ID[-1], ID.replace("-", "", 1), f"-{DIGITS}"),
    *refuses(UUID, "uuid_invalid", f"{DIGITS}-"),
    *refuses(UUID, "uuid_invalid", "-".join(DIGITS[i : i + 4] for i in range(0, 32, 4))),
    *refuses(UUID, "uuid_invalid", ID.replace("-", "–")),
    # brackets
    *refuses(UUID, "uuid_invalid", f"{{{ID}", f"{ID}}}", f"({ID})", f"{{ {ID} }}", f"{{{{{ID}}}}}"),
    *refuses(UUID, "uuid_invalid", f"{{urn:uuid:{ID}}}", f"urn:uuid:{{{ID}}}", f"urn:{ID}", f"urn:uuıd:{ID}"),
    # length and digits
    *refuses(UUID, "uuid_invalid", ID[:-1], ID + "0", DIGITS[:-1], DIGITS + "0", "0", "x", "now"),
    *refuses(UUID, "uuid_invalid", ID.replace("0", "O"), ID.replace("1", "l"), ID[:-1] + "g"),
    *refuses(UUID, "uuid_invalid", ID[:-1] + "\x00"),
    *refuses(UUID, "uuid_invalid", ID.replace("0", "０"), f"{ID[:18]} {ID[18:]}", f"{ID} {ID}", "\xa0" + ID),
    *refuses(UUID, "uuid_invalid", f"0x{DIGITS}", ID[:-1] + "\udcff", "1e" + "0" * 30 + "é"),
    # BLOB of another length, numbers
    *refuses(UUID, "uuid_invalid", b"", bytes(15), bytes(17), ID.encode(), DIGITS.encode(), 0, 1, -1, 2**62),
    *refuses(UUID, "uuid_invalid", 1e31, float("inf"), 0.0),
    *refuses(UUID, "empty_value", "", " ", "\t\r\n"),
]

ALL = [*TEXTS, *ENUMS, *BLOBS, *UUIDS]
