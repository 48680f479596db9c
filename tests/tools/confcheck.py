#!/usr/bin/python3
"""confcheck.py STORETOOL DIR: certhaul-acme's renewal confs against ConfigObj.

Each value of a table is written by both and must be the same text; each is read
by both and must be the same value; what one refuses the other refuses. Prints
a line for each difference, then how many comparisons were made.
"""
import os
import subprocess
import sys

import configobj

TOOL, DIR = sys.argv[1:3]
IN, OUT = os.path.join(DIR, "in.conf"), os.path.join(DIR, "out.conf")
made = 0

VALUES = [
    "", "a", "a b", " a", "a ", "  ", "\t", "a\tb", "a,b", "a, b", ",", "a,",
    "#", "a#b", "a #b", "# a", "'", '"', "'a'", '"a"', "a'b", 'a"b', "it's",
    'say "x"', """a'b"c""", """'a" b'""", """sh -c 'echo "a, b" # c'""",
    """x '''""", '''x """ y''', "a\nb", "a\n", "\na", "a\n'b'\n\"c\"",
    "a = b", "=", "[a]", "[[a]]", "]", "a\\b", "\\", "$HOME", "`x`", "%", "100%",
    "münchen", "日本", "é,è", "\u00a0a", "a\u00a0", "\u2028", "a\u2028b", "\x0b",
    "a\x0bb", "a\x1cb", "a\x85b", "a\rb", "a\r\nb", "True", "None", "0", ";",
    "x" * 5000, "'" * 3, '"' * 3, "'''\"\"\"", '""', "''", "a''", 'a""',
    '"a" b"', "'a' 'b'", '"a", "b"', "a' # 'b", "/etc/x y/z.sh --a='b c', d",
    "curl -d '{\"a\": [1, 2]}' https://x/#y",
]
LISTS = [
    [], ["a"], ["a", "b"], ["a,b", "c"], ["", "a"], ["a", ""], ["#"],
    ["a b", " c "], ["it's"], ['say "x"'], ["'", '"'], ["/srv/a b", "/srv/é"],
    ["dns-01"], ["http-01", "dns-01"], ["a\nb"], ["'\""],
]
KEYS = ["a", "a b", "a=b", "a,b", "#a", "'a'", "münchen", "*.example", "a.example"]
TEXTS = [
    "k = v", "k=v", "  k  =  v  ", "k =", "k = ", 'k = ""', "k = ''", "k = a # c",
    "k = a#c", "k = # c", "k = 'a' # c", "k = 'a'#c", "k = 'a", "k = a'",
    'k = "a" b', 'k = "a" b"', "k = a, b", "k = a,b,", "k = ,", "k = ,a",
    "k = a,,b", "k = , # c", "k = a, # c", "k = a, b # c, d", "k = 'a, b', c",
    "k = \"a\", 'b', c # d", "k = 'a' # 'b', c", "k = '''a'''", "k = '''a''' # c",
    "k = '''a'b''' x", "k = '''a''' b'''", "k = '''a\nb\nc'''", "k = '''a\nb",
    "k = '''a\nb''' # c", "k = '''a\n''' b'''", 'k = """a\n\'\'\'\nb"""', "k",
    "= v", "k = v\nk = w", "[s]\nk = v", "[ s ]\nk = v", "['s']\nk = v",
    '["s t"]\nk = v', "[s] # c\nk = v", "[s]x\nk = v", "[s\nk = v", "[[s]]\nk = v",
    "[a]\n[[b]]\nk = v\n[[c]]\nk = w\n[d]\nk = x", "[a]\n[a]", "[a]\n[[b]]\n[[b]]",
    "a = 1\n[a]", "[a]\n[[[b]]]", "[a]]\n", "[[a]\n", "[]\nk = v", "[a = b",
    "# c\n\nk = v\n# d", "\t[s]\n\t\tk = v", "k = v\r\nl = w\r\n", "k = v\rl = w",
    "\ufeffk = v", "k = a\u00a0", "k\u00a0= v", "k = a\u2028l = b", "'k' = v",
    '"k l" = v', "'k\" = v", "'a'b' = v", "k = =", "k = a = b", "[s]\n# c",
    "k = a b, c d", "k = \"a", "k = a\"b, c", "k = 'a''b'", "k = 'a'  ,  'b'",
    "[s] ]\nk = v", "[ [s] ]\nk = v", "['s]\nk = v", "k = '' # c", "k = '',",
    "k = ' ', '#'", "k = a \\", "[']']\nk = v", "[a]\n[[b]]\n[c]\n[[b]]\nk = v",
]
REFERENCES = [
    "a = %(b)s\nb = 1", "a = %(a)s", "a = %(b)s\nb = %(a)s", "a = %(c)s",
    "a = x%(b)s%(b)sy\nb = %(c)s!\nc = 2", "a = %(b)s\nb = 1, 2", "a = %(b)s\nb =",
    "a = %(b)t %(b)s\nb = 1", "a = %(%(b)s)s\nb = c\nc = d", "a = %%(b)s\nb = 1",
    "a = %(b\nb = 1", "a = %(b)\nb = 1", "a = 1, %(b)s\nb = 2",
    "a = '%(b)s'\nb = 'x, y'", "b = 1\n[s]\na = %(b)s",
    "b = 1\n[s]\na = %(b)s\nb = 2", "[s]\na = %(b)s\n[t]\nb = 1",
    "b = 1\n[DEFAULT]\nb = 2\n[s]\na = %(b)s", "[DEFAULT]\nb = 2\n[s]\na = %(b)s",
    "[s]\na = %(b)s\n[[DEFAULT]]\nb = 3", "b = 1\n[s]\n[[t]]\na = %(b)s",
    "[s]\n[[t]]\na = %(b)s\n[[DEFAULT]]\nb = 3", "a = %(s)s\n[s]\nb = 1",
    "a = %()s", "a = %(b )s\nb = 1", "c = %(d)s\nd = 1\n[s]\nd = 2\na = %(c)s",
    "c = %(d)s\n[s]\nd = 2\na = %(c)s", "a = '''%(b)s\n%(b)s'''\nb = 1",
    "b = 1\n[s]\n[[b]]\n[[t]]\na = %(b)s", "a = 1 %(b)s %(c)s\nb = 2",
]


def tool(*words):
    global made
    made += 1
    done = subprocess.run(
        [TOOL, DIR, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode not in (0, 1):
        print("storetool died:", words, done.returncode)
    return done.stdout if done.returncode == 0 else None


def differ(what, ours, theirs):
    if ours != theirs:
        print(f"{what}: certhaul {ours!r}, ConfigObj {theirs!r}")


def load(path, refer=False):
    return configobj.ConfigObj(
        path, encoding="utf-8", default_encoding="utf-8", interpolation=refer)


def slurp(path):
    with open(path, "rb") as file:
        return file.read()


def write_both(key, value):
    """What each makes of a document that gets one key more."""
    with open(IN, "w", encoding="utf-8") as file:
        file.write("a = 1\n\n# c\n[renewalparams]\nb = 2\n")
    words = [value] if isinstance(value, str) else value
    verb = "conf-set" if isinstance(value, str) else "conf-list"
    ours = tool(verb, IN, OUT, "renewalparams", key, *words)
    ours = None if ours is None else slurp(OUT)
    conf = load(IN)
    try:
        conf["renewalparams"][key] = value
        with open(OUT, "wb") as file:
            conf.write(file)
        # What it would not read back is a refusal of ours.
        again = load(OUT)["renewalparams"]
        theirs = slurp(OUT) if again.get(key) == value and len(again) == 2 \
            else None
    except configobj.ConfigObjError:
        theirs = None
    return ours, theirs


def flatten(section, path=""):
    for key in section.scalars:
        value = section[key]
        yield path, key, [value] if isinstance(value, str) else value
    for name in section.sections:
        yield from flatten(
            section[name], name if path == "" else path + "/" + name)


for value in VALUES + LISTS:
    differ(f"written {value!r:.60}", *write_both("k", value))
for key in KEYS:
    differ(f"key {key!r}", *write_both(key, "v"))
for text in TEXTS:
    with open(IN, "w", encoding="utf-8", newline="") as file:
        file.write(text)
    try:
        theirs = list(flatten(load(IN)))
    except (configobj.ConfigObjError, SyntaxError):
        theirs = None
    ours = tool("conf-list", IN, OUT, "new", "k", "v")
    differ(f"readable {text!r}", ours is None, theirs is None)
    for path, key, value in theirs or []:
        said = tool("conf-get", IN, path, key)
        differ(f"read {text!r} {path!r} {key!r}", said and
               said.decode().split("\0")[:-1], value if value else said and [])
    if theirs is not None:
        # One key more, and nothing else, for ConfigObj as well.
        now = list(flatten(load(OUT)))
        differ(f"kept {text!r}", now, theirs + [("new", "k", ["v"])])
for text in REFERENCES:
    with open(IN, "w", encoding="utf-8") as file:
        file.write(text)
    for path, key, raw in flatten(load(IN)):
        section = load(IN, refer=True)
        for name in path.split("/") if path else []:
            section = section[name]
        try:
            value = section[key]
        except (configobj.ConfigObjError, TypeError):
            value = raw  # certhaul has it as it is, and says so
        value = [value] if isinstance(value, str) else value
        said = tool("conf-get", IN, path, key)
        differ(f"referred {text!r} {path!r} {key!r}", said and
               said.decode().split("\0")[:-1], value if value else said and [])
print(made)
