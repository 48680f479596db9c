#!/usr/bin/python3
"""What commands are given that somebody types into an interactive bash.

    typed.py COMPLETION COMMAND LINE...

Has a bash on a terminal source the file COMPLETION, and types each LINE into
it, in the working directory; a tab in it asks for completion. What COMMAND,
which does nothing, got each time is printed: "<WORD><WORD>...".
"""
import os
import pty
import signal
import sys
import tempfile

LIMIT_S = 60
CHUNK = 65536
PROMPT = "typed> "


def shell(completion, command, out):
    """The bash, in a process of its own."""
    with open(out + ".rc", "w", encoding="utf-8") as rc:
        rc.write('%s() { printf "<%%s>" "$@"; echo; } >>"$OUT"\n. "$FILE"\n'
                 'PS1="%s"\n' % (command, PROMPT))
    os.execve("/bin/bash", ["bash", "--noprofile", "--rcfile", out + ".rc",
                            "-i"],
              {"PATH": os.environ["PATH"], "HOME": os.path.dirname(out),
               "TERM": "dumb", "INPUTRC": "/dev/null", "HISTFILE": "",
               "LC_ALL": "C.UTF-8", "OUT": out, "FILE": completion})


def main():
    completion, command, lines = sys.argv[1], sys.argv[2], sys.argv[3:]
    with tempfile.TemporaryDirectory() as scratch:
        out = os.path.join(scratch, "out")
        pid, fd = pty.fork()
        if pid == 0:
            shell(os.path.abspath(completion), command, out)
        signal.alarm(LIMIT_S)
        seen = b""
        left = lines + ["exit"]
        try:
            while chunk := os.read(fd, CHUNK):
                seen += chunk
                if left and seen.endswith(PROMPT.encode()):
                    os.write(fd, (left.pop(0) + "\n").encode())
        except OSError:
            pass  # it is gone, and its terminal with it
        os.waitpid(pid, 0)
        try:
            with open(out, encoding="utf-8") as got:
                sys.stdout.write(got.read())
        except FileNotFoundError:
            sys.stderr.buffer.write(seen)
            sys.exit(1)


main()
