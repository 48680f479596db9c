#!/usr/bin/python3
"""certbotread.py: certbot's own eyes, for tests that look often.

Reads lines "DIR NAME" and answers each with what certbot makes of the lineage
NAME below DIR/le: "ok N" (all four links on one N), "mixed N N N N", "none" or
"broken: why". Like certbot, it mends links that its own switch has left.
"""
import argparse
import os
import sys

from certbot import configuration, errors
from certbot._internal import storage


def config_of(top):
    return configuration.NamespaceConfig(argparse.Namespace(
        config_dir=top + "/le", work_dir=top + "/le-work",
        logs_dir=top + "/le-logs", http01_port=80, https_port=443,
        domains=[], server="https://127.0.0.1:1/dir"))


def look(top, name):
    path = os.path.join(top, "le", "renewal", name + ".conf")
    if not os.path.lexists(path):
        return "none"
    try:
        lineage = storage.RenewableCert(path, config_of(top))
        numbers = [lineage.current_version(kind) for kind in storage.ALL_FOUR]
        if not lineage.names() or not lineage.latest_common_version():
            return "broken: no names"
    except (errors.Error, OSError, ValueError) as error:
        return f"broken: {error}"
    if len(set(numbers)) == 1:
        return f"ok {numbers[0]}"
    return "mixed " + " ".join(map(str, numbers))


for line in sys.stdin:
    print(look(*line.split()), flush=True)
