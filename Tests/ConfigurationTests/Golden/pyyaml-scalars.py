"""Writes pyyaml-scalars.tsv: what PyYAML's SafeLoader makes of plain scalars.

    python3 pyyaml-scalars.py > pyyaml-scalars.tsv      (made with PyYAML 6.0.3)

Columns: the scalar, its kind (null, bool, int, float, text, error), its value. Integers beyond 64 bits are text in the
gateway, as are timestamps and '='; 'error' is a scalar that PyYAML resolves to a number and then fails to construct.
"""
import random

import yaml

CASES = """
~ null Null NULL nULL none true True TRUE tRUE false False FALSE yes Yes YES yES no No NO on On ON off Off OFF y Y n N
0 1 -1 +1 00 01 010 -010 +010 08 0o10 0x 0xff 0xFF -0x1A 0x_ 0b101 -0b1 0b 0b_ 0b2 1_000 1__0 _1 1_ 0_ -0 +0 - +
1:30 1:60 -1:30 1:30:00 01:30 1:5:09 1:30.5 190:20:30.15 1: :1 1:2:
9223372036854775807 -9223372036854775808 9223372036854775808 123456789012345678901234567890 0x7fffffffffffffff
0xffffffffffffffff 99999999999999999999:30
1.0 1. .5 -.5 +.5 1e3 1.0e3 1.0e+3 1.e+3 .5e-1 1E+3 1.5E-3 1_0.5_0 1.0e+400 -1.0e+400 -1.5 +1.5 1..2 1.2.3 . .. ._5 5._
.inf -.inf +.inf .Inf .INF .iNF inf .nan .NaN .NAN -.nan nan NaN Infinity 0x1.8p1
2006-03-01 2001-12-14t21:59:43.10-05:00 2024-13-45 = << hello a:b 1a sk-123 localhost 127.0.0.1 1.2.3.4:80 1e-3 6379
""".split()

random.seed(20)
ALPHABETS = [
    "0123456789_:", "01_.eE+-", "0123456789.:", "+-.0123456789eE_",
    "0xXbBoO0123456789abcdef_+-", "yesnoYESNOtrufalTRUFAL~.",
]
for _ in range(4000):
    alphabet = random.choice(ALPHABETS)
    CASES.append("".join(random.choice(alphabet) for _ in range(random.randint(1, 7))))

loader = yaml.SafeLoader("")
for text in dict.fromkeys(CASES):
    tag = loader.resolve(yaml.ScalarNode, text, (True, False)).rsplit(":", 1)[1]
    kind, value = "text", ""
    if tag in ("null", "bool", "int", "float"):
        try:
            result = getattr(loader, "construct_yaml_" + tag)(yaml.ScalarNode("tag:yaml.org,2002:" + tag, text))
            kind, value = tag, "" if result is None else repr(result)
            if tag == "int" and not -(2**63) <= result < 2**63:
                kind, value = "text", ""
        except ValueError:
            kind = "error"
    print(text, kind, value, sep="\t")
