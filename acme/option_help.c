/*
 * option_help.c: --help, from the table.
 */
#include "acme/option_private.h"

#include <string.h>

struct topic_row {
	const char *name, *title;
};

/* In the order of --help all; the names are the table's groups. */
static const struct topic_row topics[] = {
    {"options", "what every command takes"},
    {"certificate", "which certificate (certonly, renew)"},
    {"challenges", "how to prove that the names are ours"},
    {"security", "keys"},
    {"hooks", "commands of yours"},
    {"renew", "renew"},
    {"revoke", "revoke"},
    {"account", "the account (register, update_account, unregister)"},
    {"testing", "the server, and tests"},
    {"paths", "files and directories"},
    {"certbot", "of certbot alone: install certbot for these"},
};

static const char head[] =
    "usage: certhaul-acme [COMMAND] [OPTION...] [-d DOMAIN]...\n"
    "\n"
    "An ACME client with certbot's command line, files and hooks.\n"
    "\n"
    "  certonly         obtain or renew a certificate (also: run, the "
    "default)\n"
    "  renew            renew every certificate that is due\n"
    "  certificates     tell which there are\n"
    "  reconfigure      change how a certificate is renewed\n"
    "  update_symlinks  lead live/ to the archives that the confs name\n"
    "  revoke           --cert-name NAME or --cert-path FILE\n"
    "  delete           --cert-name NAME\n"
    "  register, update_account, show_account, unregister\n"
    "  plugins          who can answer challenges\n"
    "\n"
    "  --help all, --help COMMAND, --help TOPIC (";

/* Which groups a command's own help shows. */
static const struct {
	const char *command;
	const char *groups; /* between spaces */
} commands[] = {
    {"run", " options certificate challenges security hooks account testing "},
    {"certonly",
	" options certificate challenges security hooks account testing "
	"paths "},
    {"renew", " options certificate renew hooks testing "},
    {"reconfigure", " options challenges hooks security "},
    {"certificates", " options paths "},
    {"update_symlinks", " options paths "},
    {"revoke", " options revoke paths testing "},
    {"delete", " options paths "},
    {"register", " options account testing "},
    {"unregister", " options account testing "},
    {"update_account", " options account testing "},
    {"show_account", " options account testing "},
    {"plugins", " options "},
};

static bool
wants(const char *topic, const char *group)
{
	char padded[32];
	size_t len = strlen(group);

	if (strcmp(topic, "all") == 0 || strcmp(topic, group) == 0)
		return true;
	if (len + 3 > sizeof(padded))
		return false;
	padded[0] = ' ';
	memcpy(padded + 1, group, len);
	padded[len + 1] = ' ';
	padded[len + 2] = '\0';
	for (size_t i = 0; i < COUNT_OF(commands); i++) {
		if (strcmp(commands[i].command, topic) == 0)
			return strstr(commands[i].groups, padded) != NULL;
	}
	return false;
}

static bool
is_topic(const char *topic)
{
	bool known = false;

	for (size_t i = 0; !known && i < COUNT_OF(topics); i++)
		known = wants(topic, topics[i].name);
	return known;
}

/* "  --domains, --domain, -d DOMAIN", the text below it. */
static int
put_row(const struct option_row *row, struct buf *ret, struct err *err)
{
	const char *value = row->values != NULL ? row->values : row->value;
	int rc = buf_puts(ret, "  ", err);

	for (const char *at = row->names; rc == 0 && *at != '\0'; at++)
		rc = *at == ' ' ? buf_puts(ret, ", ", err)
				: buf_add(ret, at, 1, err);
	if (rc == 0 && value != NULL)
		rc = buf_printf(ret, err, " %s", value);
	if (rc == 0)
		rc = buf_printf(ret, err, "\n        %s", row->help);
	if (rc == 0 && row->fallback != NULL && option_takes_value(row) &&
	    row->fallback[0] != '\0')
		rc = buf_printf(ret, err, " (default: %s)", row->fallback);
	return rc < 0 ? rc : buf_puts(ret, "\n", err);
}

static int
put_group(const struct topic_row *topic, struct buf *ret, struct err *err)
{
	size_t count;
	const struct option_row *rows = option_rows(&count);
	int rc = buf_printf(ret, err, "\n%s:\n", topic->title);

	for (size_t i = 0; rc == 0 && i < count; i++) {
		if (strcmp(rows[i].group, topic->name) == 0)
			rc = put_row(&rows[i], ret, err);
	}
	return rc;
}

int
option_help(const char *topic, struct buf *ret, struct err *err)
{
	int rc = buf_puts(ret, head, err);

	for (size_t i = 0; rc == 0 && i < COUNT_OF(topics); i++)
		rc = buf_printf(
		    ret, err, "%s%s", i == 0 ? "" : " ", topics[i].name);
	if (rc == 0)
		rc = buf_puts(ret, ")\n", err);
	/* As certbot: a topic that there is not is none. */
	if (topic == NULL || !is_topic(topic))
		topic = "options";
	for (size_t i = 0; rc == 0 && i < COUNT_OF(topics); i++) {
		if (!wants(topic, topics[i].name))
			continue;
		rc = put_group(&topics[i], ret, err);
	}
	return rc;
}
