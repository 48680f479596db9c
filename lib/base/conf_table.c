/*
 * conf_table.c: the options of certhaul.conf, a row each. conf.c makes the
 * defaults and the checks from it; conf/certhaul.conf is held against it by
 * a test. An enum of conf.h stands in `values` in the same order.
 */
#include "base/conf.h"

#include "base/limits.h"

enum {
	PATH_MOST = LIMIT_PATH_BYTES - 1,
	SOCKET_PATH_MOST = 107, /* sun_path of sockaddr_un, less its NUL */
};

#define AT(member) offsetof(struct conf, member)

static const struct conf_option table[] = {
    {"engine", CONF_ENUM, 0, 0, "", "\"auto\"", "auto|certbot|builtin",
	"who issues: certbot where it is installed, else our own client",
	AT(engine)},
    {"engine_program", CONF_PATH, 0, PATH_MOST, "", "\"\"", NULL,
	"its program; empty: found in PATH and in the usual places",
	AT(engine_program)},
    {"state_dir", CONF_PATH, 1, PATH_MOST, "", "\"/var/lib/certhaul\"", NULL,
	"records, failures and earlier bundles", AT(state_dir)},
    {"lock_file", CONF_PATH, 1, PATH_MOST, "", "\"/run/lock/certhaul.lock\"",
	NULL, "the one lock over everything that certhaul changes",
	AT(lock_file)},
    {"lock_wait_ms", CONF_INT, 0, 3600000, "ms", "60000", NULL,
	"how long to wait for it", AT(lock_wait_ms)},
    {"syslog", CONF_BOOL, 0, 0, "", "true", NULL,
	"also report to syslog (the journal)", AT(syslog)},

    {"letsencrypt.config_dir", CONF_PATH, 1, PATH_MOST, "",
	"\"/etc/letsencrypt\"", NULL, "certbot's --config-dir",
	AT(letsencrypt.config_dir)},
    {"letsencrypt.work_dir", CONF_PATH, 1, PATH_MOST, "",
	"\"/var/lib/letsencrypt\"", NULL, "certbot's --work-dir",
	AT(letsencrypt.work_dir)},
    {"letsencrypt.logs_dir", CONF_PATH, 1, PATH_MOST, "",
	"\"/var/log/letsencrypt\"", NULL, "certbot's --logs-dir",
	AT(letsencrypt.logs_dir)},

    {"account.email", CONF_STRING, 0, 254, "", "\"\"", NULL,
	"where the CA writes to; empty: nowhere", AT(account.email)},
    {"account.server", CONF_STRING, 0, 2048, "", "\"\"", NULL,
	"the CA's directory URL; empty: the engine's default",
	AT(account.server)},
    {"account.agree_tos", CONF_BOOL, 0, 0, "", "false", NULL,
	"true: you agree to the CA's terms of service", AT(account.agree_tos)},

    {"challenge.address", CONF_STRING, 1, 64, "", "\"127.0.0.1\"", NULL,
	"where the http-01 responder listens", AT(challenge.address)},
    {"challenge.port", CONF_INT, 1, 65535, "", "2031", NULL, "its port",
	AT(challenge.port)},
    {"challenge.map", CONF_PATH, 0, PATH_MOST, "", "\"/etc/haproxy/acme.map\"",
	NULL, "the map that answers http-01 inside HAProxy; empty: none",
	AT(challenge.map)},
    {"challenge.http_addresses", CONF_LIST, 0, LIMIT_CONF_LIST, "", "[ ]", NULL,
	"where a CA's http-01 question comes in, HOST:PORT; empty: found in "
	"HAProxy's configuration",
	AT(challenge.http_addresses)},

    {"haproxy.program", CONF_PATH, 1, PATH_MOST, "", "\"/usr/sbin/haproxy\"",
	NULL, "for haproxy -c", AT(haproxy.program)},
    {"haproxy.config", CONF_PATHS, 1, LIMIT_CONF_LIST, "",
	"[ \"/etc/haproxy/haproxy.cfg\" ]", NULL,
	"its files and directories, in the order of its -f",
	AT(haproxy.config)},
    {"haproxy.bundle_dir", CONF_PATH, 1, PATH_MOST, "", "\"/etc/haproxy/ssl\"",
	NULL, "where the bundles go, as NAME.pem; what `crt` names",
	AT(haproxy.bundle_dir)},
    {"haproxy.bundle_owner", CONF_STRING, 1, 64, "", "\"root\"", NULL,
	"user, by name or number", AT(haproxy.bundle_owner)},
    {"haproxy.bundle_group", CONF_STRING, 1, 64, "", "\"root\"", NULL,
	"group, by name or number", AT(haproxy.bundle_group)},
    {"haproxy.bundle_mode", CONF_MODE, 1, 4, "", "\"0600\"", NULL,
	"octal; a bundle holds a key: nothing for others",
	AT(haproxy.bundle_mode)},
    {"haproxy.sockets", CONF_PATHS, 0, LIMIT_SOCKETS, "",
	"[ \"/run/haproxy/admin.sock\" ]", NULL,
	"admin sockets; every one is updated", AT(haproxy.sockets)},
    {"haproxy.master_socket", CONF_PATH, 0, SOCKET_PATH_MOST, "",
	"\"/run/haproxy-master.sock\"", NULL,
	"the master's (haproxy -S), for reloads; empty: none",
	AT(haproxy.master_socket)},
    {"haproxy.update", CONF_ENUM, 0, 0, "", "\"auto\"",
	"auto|runtime|reload|none",
	"in memory, by reload, or as each certificate needs",
	AT(haproxy.update)},
    {"haproxy.reload_command", CONF_LIST, 0, LIMIT_CONF_LIST, "",
	"[ \"systemctl\", \"reload\", \"haproxy\" ]", NULL,
	"where no master socket answers; no shell, a word an element",
	AT(haproxy.reload_command)},
    {"haproxy.crt_list", CONF_PATH, 0, PATH_MOST, "", "\"\"", NULL,
	"the crt-list for new bundles; empty: found in HAProxy's "
	"configuration",
	AT(haproxy.crt_list)},
    {"haproxy.generations", CONF_INT, 0, LIMIT_GENERATIONS, "", "5", NULL,
	"earlier bundles that are kept of each", AT(haproxy.generations)},

    {"verify.enabled", CONF_BOOL, 0, 0, "", "true", NULL,
	"prove each deployment by TLS handshakes", AT(verify.enabled)},
    {"verify.addresses", CONF_LIST, 0, LIMIT_CONF_LIST, "", "[ ]", NULL,
	"HOST:PORT or [v6]:PORT; empty: found in HAProxy's configuration",
	AT(verify.addresses)},
    {"verify.attempts", CONF_INT, 1, LIMIT_ATTEMPTS, "", "3", NULL,
	"handshakes for each name and address", AT(verify.attempts)},
    {"verify.timeout_ms", CONF_INT, 50, 60000, "ms", "2000", NULL,
	"of one handshake", AT(verify.timeout_ms)},
    {"verify.max_age_s", CONF_INT, 0, 31536000, "s", "86400", NULL,
	"how long a proof holds while HAProxy's process is the same",
	AT(verify.max_age_s)},

    {"validate.lost_names", CONF_ENUM, 0, 0, "", "\"warn\"", "warn|refuse",
	"names that the replaced bundle had and the new one lacks",
	AT(validate.lost_names)},
    {"validate.clock_tolerance_s", CONF_INT, 0, 86400, "s", "300", NULL,
	"a certificate that becomes valid so soon is accepted",
	AT(validate.clock_tolerance_s)},
};

const struct conf_option *
conf_options(size_t *ret_count)
{
	*ret_count = COUNT_OF(table);
	return table;
}
