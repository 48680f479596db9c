# conf: what an operator edits.
EXTRA_DIST += conf/certhaul.conf
