# acme: certhaul-acme, in two halves.
include acme/client.mk
include acme/broker.mk
include acme/files.mk
