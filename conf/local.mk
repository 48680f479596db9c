# conf: what an operator edits.
dist_doc_DATA += conf/certhaul.conf
dist_doc_DATA += conf/haproxy.cfg
