/*
 * limits.h: every bound of the program, with its unit, in one place.
 *
 * What comes from outside (a file, a reply, a configuration) is measured
 * against one of these before it is believed.
 */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

#include <limits.h>

enum {
	/* Text of errors and reports. */
	LIMIT_ERR_DOING_BYTES = 96,
	LIMIT_ERR_ON_BYTES = 512,
	LIMIT_ERR_DETAIL_BYTES = 1024,
	LIMIT_LOG_LINE_BYTES = 2048,
	LIMIT_TERM_COLUMNS = 1000, /* that COLUMNS may claim */

	/* What the operator types, and is told of it. */
	LIMIT_COMMANDS = 32,
	LIMIT_HELP_BYTES = 64 * 1024,
	LIMIT_HELP_COLUMNS = 80,

	/* Names. A DNS name has at most 253 characters (RFC 1035, 2.3.4). */
	LIMIT_LINEAGE_NAME_BYTES = 240, /* NAME.pem + staging fit NAME_MAX */
	LIMIT_DNS_NAME_BYTES = 253,
	LIMIT_PATH_BYTES = PATH_MAX,
	LIMIT_XATTR_BYTES = 64 * 1024, /* names of one file, or one value */

	/* Lineage and bundle. */
	LIMIT_PEM_FILE_BYTES = 256 * 1024,
	LIMIT_PEM_BLOCKS = 32,
	LIMIT_CHAIN_CERTS = 10,
	LIMIT_CERT_NAMES = 2000, /* DNS names in one certificate */
	LIMIT_LINEAGES = 100000,
	LIMIT_LINEAGE_GENERATION = 99999999, /* the N of privkeyN.pem */
	LIMIT_LINEAGE_RETRIES = 50, /* while certbot switches the links */
	LIMIT_LINEAGE_RETRY_MS = 20, /* the pause between two of them */
	LIMIT_FINDINGS = 64, /* of one validation */
	LIMIT_RSA_BITS_LEAST = 2048,
	LIMIT_RSA_BITS_MOST = 8192, /* of keys that are made, or sign */
	LIMIT_BATCH = 128, /* lineages in one pass of the pipeline */
	LIMIT_RENEWAL_CONF_BYTES = 64 * 1024, /* certbot's renewal/NAME.conf */
	LIMIT_RENEWAL_LINES = 4096,
	LIMIT_RENEWAL_ITEMS = 1000, /* of one list */
	LIMIT_RENEWAL_REFERENCES = 10000, /* that are followed in one */
	LIMIT_RENEWAL_DEPTH = 8, /* of sections in sections */
	LIMIT_HOOK_SCRIPT_BYTES = 64 * 1024, /* more of one is not read */

	/* State. */
	LIMIT_RECORD_BYTES = 16 * 1024,
	LIMIT_INTENTS = 4 * LIMIT_BATCH, /* two at work, more left by a kill */
	LIMIT_INTENTS_BYTES = LIMIT_INTENTS * (LIMIT_RECORD_BYTES + 512),
	LIMIT_GENERATIONS = 100,
	LIMIT_ORIGINALS = 9, /* of a lineage: others' bundles */
	LIMIT_FREE_LEAST_BYTES = 4 * 1024 * 1024, /* for a renewal */

	LIMIT_STATUS_BYTES = 256 * 1024 * 1024, /* what `status` prints */

	/* Configuration. */
	LIMIT_CONF_BYTES = 256 * 1024,
	LIMIT_CONF_LIST = 64, /* elements of one list */
	LIMIT_CONF_STRING_BYTES = 4096,

	/* HAProxy's runtime API (management guide, 9.3). */
	LIMIT_SOCKETS = 16,
	LIMIT_IDENTITY_BYTES = 512, /* LIMIT_SOCKETS times PID:START, */
	LIMIT_REPLY_BYTES = 16 * 1024 * 1024,
	LIMIT_COMMAND_BYTES = 256 * 1024,
	LIMIT_CLI_TIMEOUT_MS = 10 * 1000,
	LIMIT_OBSERVE_MS = 3 * 1000, /* the first answer, for status */
	LIMIT_CLI_COMMIT_TIMEOUT_MS = 120 * 1000, /* hazard H2: 60 s or more */
	LIMIT_CLI_BUSY_RETRIES = 40, /* "operations ... currently locked" */
	LIMIT_BUFSIZE_DEFAULT = 16384, /* tune.bufsize where not set */
	LIMIT_CLI_PAYLOAD_DEFAULT = 131072, /* 3.4+: max-payload-size */
	LIMIT_SHOW_BATCH = 32, /* `show ssl cert` on one command line */

	/* HAProxy's configuration. */
	LIMIT_ENVIRON_BYTES = 1024 * 1024, /* of a process */
	LIMIT_HACFG_BYTES = 16 * 1024 * 1024,
	LIMIT_HACFG_LINE_BYTES = 64 * 1024,
	LIMIT_HACFG_WORDS = 512, /* that are read; HAProxy's own is 64 */
	LIMIT_HACFG_LINE_WORDS = 64, /* that are written, for its sake */
	LIMIT_HACFG_FILES = 256,
	LIMIT_HACFG_BINDS = 4096,
	LIMIT_CONDITION_DEPTH = 64, /* parentheses of an `.if` */
	LIMIT_CRTLIST_BYTES = 64 * 1024 * 1024,
	LIMIT_STORES = 256, /* spellings of one bundle's file, and lists */

	/* Handshakes. */
	LIMIT_TARGETS = 256, /* addresses that one bundle is checked on */
	LIMIT_ATTEMPTS = 20,
	LIMIT_LOOK_TARGETS = 64, /* `certhaul status`: of one lineage ... */
	LIMIT_LOOK_HANDSHAKES = 512, /* ... and as many in all */

	/* The preflight: we are HAProxy's client and its server. */
	LIMIT_REQUEST_NAMES = 100, /* of one order: CAs take no more */
	LIMIT_FRONTS = 64, /* plain http addresses that are asked */
	LIMIT_PREFLIGHT_MS = 5000, /* for one question */
	LIMIT_PREFLIGHT_CLIENTS = 64, /* at once */
	LIMIT_PREFLIGHT_HEAD_BYTES = 8192, /* of a request to us */

	/* Children. */
	LIMIT_PROC_OUTPUT_BYTES = 64 * 1024,
	LIMIT_PROC_ARGS = 128,
	LIMIT_CHILD_LINE_BYTES = 64 * 1024, /* longer ones come in parts */
	LIMIT_PROC_GRACE_MS = 2000, /* from SIGTERM to SIGKILL */
	LIMIT_CHECK_TIMEOUT_MS = 120 * 1000, /* haproxy -c */
	LIMIT_RELOAD_TIMEOUT_MS = 120 * 1000,
	LIMIT_SETTLE_MS = 15 * 1000, /* others' reloads, in a run */

	/* The engine. certbot starts slowly on a small machine. */
	LIMIT_VERSION_TIMEOUT_MS = 60 * 1000,
	LIMIT_VERSION_NUMBER = 1000000,

	/* http-01 (RFC 8555, 8.3: at least 128 bits of base64url). */
	LIMIT_TOKEN_BYTES = 256,
	LIMIT_TOKEN_LEAST_BYTES = 22,
	LIMIT_KEYAUTH_BYTES = 512,

	/* ACME (RFC 8555). */
	LIMIT_URL_BYTES = 2048,
	LIMIT_USER_AGENT_BYTES = 16 * 1024,
	LIMIT_NONCE_BYTES = 256,
	LIMIT_NONCES = 16, /* kept */
	LIMIT_THUMBPRINT_BYTES = 44, /* 43 of base64url, and a NUL */
	LIMIT_JWK_MEMBER_BYTES = 1024, /* 4096 bits are 683 */
	LIMIT_ACME_REPLY_BYTES = 1024 * 1024,
	LIMIT_ACME_HEADERS = 128, /* of one reply */
	LIMIT_ALTERNATES = 10, /* chains of one certificate */
	LIMIT_AUTHORIZATIONS = 200, /* identifiers of one order */
	LIMIT_SUBSETS = 10, /* orders with fewer names each, of one run */
	LIMIT_CHALLENGES = 16, /* of one authorization */
	LIMIT_CONTACTS = 16,
	LIMIT_PROFILES = 32,
	LIMIT_PROFILE_BYTES = 64,
	LIMIT_LISTENERS = 4, /* IPv4 and IPv6 */
	LIMIT_RESPONDER_CONNECTIONS = 256,
	LIMIT_RESPONDER_REQUEST_BYTES = 8 * 1024,
	LIMIT_RESPONDER_QUIET_MS = 20, /* a CA's several looks come at once */
	LIMIT_BADNONCE_RETRIES = 100, /* at 90 % refused: 1 of 40,000 */
	LIMIT_BADNONCE_AT_ONCE = 8, /* further ones with a pause between */
	LIMIT_WAIT_RETRIES = 10, /* of one request, by Retry-After */
	LIMIT_REDIRECTS = 3, /* of one look; what is signed has none */
	LIMIT_CUT_RETRIES = 3, /* of one look, where the connection broke */
	LIMIT_FINALIZE_RETRIES = 5, /* orderNotReady */
	LIMIT_HTTP_TIMEOUT_MS = 45 * 1000, /* certbot's own */
	LIMIT_POLL_LEAST_MS = 50, /* where no Retry-After says otherwise */
	LIMIT_POLL_MOST_MS = 5 * 1000,
	LIMIT_RETRY_AFTER_S = 60, /* waited for; longer: the run ends */
	LIMIT_ISSUANCE_TIMEOUT_S = 90,
	LIMIT_CA_FILE_BYTES = 1024 * 1024, /* the system's has 220 KiB */
	LIMIT_IPC_BYTES = 192 * 1024, /* one frame; a chain is the largest */
	LIMIT_IPC_FRAMES = 20000, /* of one job */
	LIMIT_IPC_NOTES = 5000, /* ... that go into the log */
	LIMIT_ACCOUNTS = 1000, /* of one server */
	/* Of an auth hook it goes into the cleanup hook's environment, of
	 * which the kernel takes no string of 128 KiB. */
	LIMIT_HOOK_OUTPUT_BYTES = 130 * 1000,
	LIMIT_HOOKS = 1000, /* in one directory, or commands in one run */
	LIMIT_HOOK_DOMAINS_BYTES = 16000, /* certbot's, in an environment */
	LIMIT_HOOK_DOMAINS_ALONE_BYTES = 32000, /* ... where it is the only */
	LIMIT_HOOK_DOMAINS_DEPLOY_BYTES = 120 * 1000, /* the kernel: 128 KiB */
	LIMIT_HOOK_VARIABLE_BYTES = 128 * 1024,

	/* Environment: certbot cuts RENEWED_DOMAINS at 16,000 or 32,000. */
	LIMIT_RENEWED_DOMAINS_WHOLE_BYTES = 15000,
};

#endif
