# conf: what an operator edits.
EXTRA_DIST += conf/certhaul.conf
EXTRA_DIST += conf/haproxy.cfg
