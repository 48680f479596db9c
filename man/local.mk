# man: the pages are mdoc, and installed as they are.
dist_man_MANS += man/certhaul.8 man/certhaul-acme.8 man/certhaul-hook.8 \
	man/certhaul.conf.5
