"""JSON documents and lists of texts."""

import json

from apps.importer import convert
from tests.importer.cases import keeps, refuses, takes

JSON = convert.json()
LIST = convert.string_array()
COMMAS = convert.string_array(commas=True)
PYTHON = convert.python_list()

INFINITY = float("inf")
BLANK = ("", " ", "\t\r\n ")


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


def mixed(depth: int) -> str:
    """Objects and lists in turn, so many levels deep; a scalar at the bottom."""
    return '{"k":[' * (depth // 2) + "1" + "]}" * (depth // 2)


DOCUMENTS = [
    # objects, lists, bare scalars, JSON blanks around: the text goes on as it is
    *keeps(JSON, "{}", "[]", '{"b": 1, "a": [true, false, null]}', '"text"', "0", "-1.5e3", "true", "false"),
    *keeps(JSON, "null"),
    *keeps(JSON, ' \t\r\n{ "a" : 1 } \n', '{"b":1,"a":2}', '[{"a":1},{"a":1}]', '{"a":{"a":{"a":1}}}', '""'),
    *keeps(JSON, '{"":0}'),
    *keeps(JSON, '"中文 😀 \\u4e2d"', '"\\ud83d\\ude00"', '"\\uD83D\\uDE00"', '"\x7f\u2028\ufeff"'),
    *keeps(JSON, '"/\\/\\b\\f\\n\\r\\t\\"\\\\"'),
    *keeps(JSON, '{"a": "{\'single\': 1}"}', '{"A": 1, "a": 2}', '{"é": 1, "e\u0301": 2}'),
    *keeps(JSON, '["NaN", "Infinity"]'),
    *keeps(JSON, '"\\\\u0000"', '"\\\\\\\\u0000"', '"\\\\ud800"', '"\\u0001"', '"u0000"', '"\\u00010"'),
    # numbers with all their digits
    *keeps(JSON, "0.1000000000000000055511151231257827", "12345678901234567890123", "1e400", "-0", "-0.0"),
    *keeps(JSON, "[1E+2, 1e-2]"),
    *keeps(JSON, '{"n": 1e-400}', "9" * 5000, "1" + "0" * 131_071, "0." + "0" * 16_382 + "1", "1e131071"),
    *keeps(JSON, "1e-16383"),
    *keeps(JSON, "1.5e131071", "0e200000", "0.00001e131076", "123.45e131069", "[" + "9" * 5000 + "]"),
    *keeps(JSON, "0E1000000000"),
    *refuses(JSON, "json_unstorable", "1e200000", "-1e200000", "[1e-200000]", "1" + "0" * 131_072),
    *refuses(JSON, "json_unstorable", "1e131072", "1e-16384"),
    *refuses(JSON, "json_unstorable", "0." + "0" * 16_383 + "1", "1.0e-16383", "0e-16384", "1e9999999999"),
    *refuses(JSON, "json_unstorable", "0e9999999999"),
    *refuses(JSON, "json_unstorable", '{"a": [1, 1e131072]}', "0.1e131073", "10e131071", "0." + "0" * 16_384),
    *refuses(JSON, "json_unstorable", "0e1073741824"),
    # numbers under a declared type that turns them into numbers
    *takes(JSON, "42", 42),
    *takes(JSON, "-9223372036854775808", -(2**63)),
    *takes(JSON, "0.1", 0.1),
    *takes(JSON, "1e+16", 1e16),
    *takes(JSON, "-0.0", -0.0),
    *takes(JSON, "5e-324", 5e-324),
    # what is no JSON number
    *refuses(JSON, "json_invalid", "NaN", "Infinity", "-Infinity", '{"a": NaN}', "[1, -Infinity]", "nan"),
    *refuses(JSON, "json_invalid", "inf", "+1"),
    *refuses(JSON, "json_invalid", INFINITY, -INFINITY, float("nan"), "01", "1.", ".5", "1e", "0x1F"),
    *refuses(JSON, "json_invalid", "1_000", "-", "- 1", "１"),
    # a key twice in one object, told after unescaping
    *refuses(JSON, "json_duplicate_key", '{"a": 1, "a": 2}', '{"a": 1, "b": 2, "a": 1}'),
    *refuses(JSON, "json_duplicate_key", '{"a": 1, "\\u0061": 2}'),
    *refuses(JSON, "json_duplicate_key", '[{"x": [{"中": 1, "\\u4e2d": 2}]}]', '{"": 0, "": 0}'),
    *refuses(JSON, "json_duplicate_key", '{"\\/": 1, "/": 2}'),
    *refuses(JSON, "json_duplicate_key", '{"😀": 1, "\\ud83d\\ude00": 2}', '{"a": {"b": 1, "b": 1}, "c": 2}'),
    # characters that PostgreSQL has no text for
    *refuses(JSON, "json_unstorable", '"\\u0000"', '{"a\\u0000": 1}', '["x", "\\\\\\u0000"]'),
    *refuses(JSON, "json_unstorable", '"\\u4e2d\\u0000"', '"\\n\\u0000"'),
    *refuses(JSON, "json_unstorable", '"\\ud800"', '"\\uDFFF"', '"\\ud83dx\\ude00"', '"\\ude00\\ud83d"'),
    *refuses(JSON, "json_unstorable", '"\\ud83d\\ud83d\\ude00"'),
    *refuses(JSON, "json_unstorable", '{"\\udc00": 1}', '"\\ud83d\\\\ude00"', '"\\ud83d\\u0041"'),
    *refuses(JSON, "json_unstorable", '"\\ud83d\\ude00\\ude00"'),
    # depth
    *keeps(JSON, nested(500), mixed(500), "[" + ",".join(["[1]"] * 600) + "]"),
    *keeps(JSON, json.dumps(["[" * 600, "\\", '"[[' * 300])),
    *keeps(JSON, "[" + ",".join(['{"a\\\\": "[{\\""}'] * 600) + "]"),
    *refuses(JSON, "json_too_deep", nested(501), mixed(502), "[" + nested(500) + "]"),
    *refuses(JSON, "json_too_deep", '{"\\"": ' * 501 + "1" + "}" * 501),
    *refuses(JSON, "json_too_deep", nested(100_000), "[" * 501),
    # what other readers let through
    *refuses(JSON, "json_invalid", "{'a': 1}", "{'a': None}", "{a: 1}", "[True]", "None", "// x\n1"),
    *refuses(JSON, "json_invalid", "[1] # x", "/*x*/1"),
    *refuses(JSON, "json_invalid", "[1,]", '{"a":1,}', "[,1]", "[1 2]", "[1}", "\ufeff{}", '"a\tb"'),
    *refuses(JSON, "json_invalid", '"a\nb"', '"a\x00b"', '"\x1f"'),
    *refuses(JSON, "json_invalid", '{"a": 1', '"open', "[", "}", '{"a"}', '{"a":}', "{1: 2}", "{} {}", "{}x"),
    *refuses(JSON, "json_invalid", "[]]", "null null"),
    *refuses(JSON, "json_invalid", "nul", "tru", "\\", '"\\x41"', '"\\u12"', '"\\u00g0"', '"\\', "\xa0{}"),
    *refuses(JSON, "json_invalid", "{}\x0b", "\x00", "{}\x00"),
    *refuses(JSON, "json_invalid", "[" + "9" * 5000 + ",]", "open", "undefined", "'a'", "gAAAAAB"),
    *refuses(JSON, "text_encoding", '"\udcff"', '{"\udce9": 1}', "\udced\udca0\udc80"),
    *refuses(JSON, "empty_value", *BLANK),
    *refuses(JSON, "type_mismatch", b"", b"{}", b"\x0c7a"),
]

LISTS = [
    *takes(LIST, "{}", "[]", " [ ] ", "\n[\r\n]\t"),
    *takes(LIST, '{"a","b"}', '["a","b"]', ' [ "a" , "b" ] ', '["\\u0061", "b"]'),
    *takes(LIST, '{"b","a","b"}', '["b", "a", "b"]'),
    *takes(LIST, '{""," ","NULL","null"}', '["", " ", "NULL", "null"]'),
    *takes(LIST, '{"a,b","{}","中文","😀"}', '["a,b", "{}", "中文", "\\ud83d\\ude00"]'),
    *takes(
        LIST, '{"say \\"hi\\"","back\\\\slash","\\\\\\""}', '["say \\"hi\\"", "back\\\\slash", "\\\\\\""]'
    ),
    *takes(LIST, '{"a\nb","\x01"}', '["a\\nb", "\\u0001"]'),
    *takes(LIST, None, "null", " null\n"),
    *refuses(LIST, "array_invalid", "a,b", "text", "{}", '{"a": 1}', '"a"', "1", "true", "Null", "None"),
    *refuses(LIST, "array_invalid", "['a']", '["a"'),
    *refuses(LIST, "array_invalid", '["a",]', '["a"] x', "\ufeff[]", '["a\tb"]', '["a\x00"]', "[NaN]"),
    *refuses(LIST, "array_invalid", nested(2000)),
    *refuses(LIST, "array_invalid", "[1]", '["a", 1]', "[null]", '["a", null]', "[true]", '[["a"]]'),
    *refuses(LIST, "array_invalid", '[{"a": 1}]', "[1.5]"),
    *refuses(LIST, "array_invalid", '["\\u0000"]', '["a\\u0000b", "c"]', '["\\ud800"]', '["\\ude00\\ud83d"]'),
    *refuses(LIST, "array_invalid", "[" + "9" * 5000 + "]"),
    *refuses(LIST, "text_encoding", '["\udcff"]', "\udcff"),
    *refuses(LIST, "type_mismatch", 1, 0, 1.5, b"", b'["a"]'),
    *refuses(LIST, "empty_value", *BLANK),
    # between commas, or a JSON list
    *takes(COMMAS, '{"a","b"}', "a,b", '["a", "b"]', ' ["a","b"]'),
    *takes(COMMAS, '{"a"," b ",""}', "a, b ,"),
    *takes(COMMAS, '{"one"}', "one"),
    *takes(COMMAS, '{"",""}', ","),
    *takes(COMMAS, '{" "}', " "),
    *takes(COMMAS, '{"it\'s \\"x\\"","c:\\\\d","{e}","中"}', 'it\'s "x",c:\\d,{e},中'),
    *takes(COMMAS, '{"null","x"}', "null,x"),
    *takes(COMMAS, "{}", "", "[]"),
    *takes(COMMAS, None, "null"),
    *refuses(COMMAS, "array_invalid", "[a, b]", " [1]", "[", '["a"],b', "\n['a']", "a\x00,b"),
    *refuses(COMMAS, "text_encoding", "a,\udcff"),
    *refuses(COMMAS, "type_mismatch", 1, 1.5, b"a,b"),
]

PYTHON_LISTS = [
    *takes(PYTHON, "[]", "[]", " [ ] \n", "[\n]"),
    *takes(PYTHON, '["a", "b"]', "['a', 'b']", "['a','b']", '["a", "b"]', "[ 'a' , \"b\" ]", "['a', 'b', ]"),
    *takes(
        PYTHON, '["it\'s", "say \\"hi\\"", "both \' and \\""]', str(["it's", 'say "hi"', "both ' and \""])
    ),
    *takes(
        PYTHON, '["中文", "😀", "é", "a\\\\b", "x\\ny\\tz\\r"]', str(["中文", "😀", "é", "a\\b", "x\ny\tz\r"])
    ),
    *takes(
        PYTHON, '["\\u0001\x7f\x9f", "\u200b", "\U000e0001"]', str(["\x01\x7f\x9f", "\u200b", "\U000e0001"])
    ),
    *takes(PYTHON, '["A", "A", "A", "\\u0007\\b\\f\\u000b"]', r"""['\x41', '\u0041', '\101', '\a\b\f\v']"""),
    *takes(PYTHON, '["", "[\'x\']", ", "]', """['', "['x']", ', ']"""),
    *refuses(PYTHON, "json_invalid", "a, b", "['a'", "'a'", "('a',)", "{'a'}", "['a' 'b']", "[a]", "[1]"),
    *refuses(PYTHON, "json_invalid", "['a', None]"),
    *refuses(PYTHON, "json_invalid", "[['a']]", "['a'] + ['b']", "['a'].pop()", "['a' * 9]"),
    *refuses(PYTHON, "json_invalid", "__import__('os')", "[f'{1}']"),
    *refuses(PYTHON, "json_invalid", "[b'a']", "['''a''']", "[,]", "['a',,]", "['a\nb']", "['a\x00']"),
    *refuses(PYTHON, "json_invalid", "[r'a']", "null", "['a'] #"),
    *refuses(PYTHON, "json_invalid", r"['\d']", r"['\N{BULLET}']", r"['\x4']", r"['\u12']"),
    *refuses(PYTHON, "json_invalid", r"['\U00110000']", "['\\\n']", "['a\\']"),
    *refuses(PYTHON, "json_unstorable", r"['\x00']", r"['\0']", r"['\ud800']", r"['\ud83d\ude00']"),
    *refuses(PYTHON, "json_unstorable", r"['ok', '\udcff']"),
    *refuses(PYTHON, "text_encoding", "['\udcff']"),
    *refuses(PYTHON, "type_mismatch", 1, 1.5, b"['a']"),
    *refuses(PYTHON, "empty_value", *BLANK),
]

ALL = [*DOCUMENTS, *LISTS, *PYTHON_LISTS]
