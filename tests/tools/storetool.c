/*
 * storetool.c: certbot's files by certhaul-acme's code, one step a run, for the
 * tests that hold them against certbot's own.
 *
 *	storetool DIR COMMAND [ARGUMENT...]
 *
 * DIR/le, DIR/le-work and DIR/le-logs are the three directories.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <unistd.h>

#include "acme/accounts.h"
#include "acme/certlock.h"
#include "cert/renewal.h"
#include "acme/store.h"
#include "base/fs.h"
#include "cert/pki.h"

static char config_dir[LIMIT_PATH_BYTES], work_dir[LIMIT_PATH_BYTES];
static char logs_dir[LIMIT_PATH_BYTES];
static const struct store_dirs dirs = {config_dir, work_dir, logs_dir};

/* A command: how many arguments it has at least. */
typedef int (*command)(char **argv, struct err *err);

static void
free_generation(struct buf *pem)
{
	for (int kind = 0; kind < LINEAGE_KINDS; kind++)
		buf_free(&pem[kind]);
}

/* The four files of DIR, as a generation: free_generation(), in any case. */
static int
read_generation(
    const char *dir, struct buf *pem, struct store_files *ret, struct err *err)
{
	static const char *const names[LINEAGE_KINDS] = {
	    [LINEAGE_CERT] = "cert.pem",
	    [LINEAGE_CHAIN] = "chain.pem",
	    [LINEAGE_FULLCHAIN] = "fullchain.pem",
	    [LINEAGE_PRIVKEY] = "privkey.pem",
	};
	char path[LIMIT_PATH_BYTES];
	int rc = 0;

	for (int kind = 0; kind < LINEAGE_KINDS; kind++)
		pem[kind] = (struct buf)BUF_SECRET(LIMIT_PEM_FILE_BYTES);
	for (int kind = 0; rc == 0 && kind < LINEAGE_KINDS; kind++) {
		rc = fs_join(path, sizeof(path), dir, names[kind], err);
		if (rc == 0)
			rc = fs_read(AT_FDCWD, path, FS_TRUST_ANY, &pem[kind],
			    NULL, err);
	}
	ret->cert = &pem[LINEAGE_CERT];
	ret->chain = &pem[LINEAGE_CHAIN];
	ret->fullchain = &pem[LINEAGE_FULLCHAIN];
	ret->privkey = &pem[LINEAGE_PRIVKEY];
	return rc;
}

/* "key=value" each, up to the end of the arguments. */
static int
set_params(struct renewal *conf, char **argv, struct err *err)
{
	int rc = 0;

	for (; rc == 0 && *argv != NULL; argv++) {
		char *value = strchr(*argv, '=');

		*value++ = '\0';
		if (strcmp(*argv, "pref_challs") == 0)
			rc = renewal_set_list(conf, "renewalparams", *argv,
			    (const char *const *)&value, 1, err);
		else
			rc = renewal_set(
			    conf, "renewalparams", *argv, value, err);
	}
	return rc;
}

/* create NAME DIR [KEY=VALUE...] */
static int
create(char **argv, struct err *err)
{
	struct buf pem[LINEAGE_KINDS];
	struct store_files files;
	struct renewal *conf = NULL;
	int rc;

	rc = read_generation(argv[1], pem, &files, err);
	if (rc == 0)
		rc = store_prepare(&dirs, err);
	if (rc == 0)
		rc = renewal_new(&conf, err);
	if (rc == 0)
		rc = set_params(conf, argv + 2, err);
	if (rc == 0)
		rc = store_create(&dirs, argv[0], &files, conf, err);
	renewal_free(conf);
	free_generation(pem);
	return rc;
}

/* renew NAME DIR: as renew does it, what a killed run left is mended first. */
static int
renew(char **argv, struct err *err)
{
	struct store_lineage lineage = {.conf = NULL};
	struct buf pem[LINEAGE_KINDS];
	struct store_files files;
	bool mended = false;
	long number = 0;
	int rc;

	rc = read_generation(argv[1], pem, &files, err);
	if (rc == 0)
		rc = store_repair(&dirs, argv[0], &mended, err);
	if (rc == 0)
		rc = store_read(&dirs, argv[0], &lineage, err);
	if (rc == 0 && lineage.broken.code != 0) {
		*err = lineage.broken;
		rc = err->code;
	}
	if (rc == 0)
		rc = store_renew(
		    &dirs, argv[0], &files, lineage.conf, &number, err);
	if (rc == 0)
		printf("%ld%s\n", number, mended ? " mended" : "");
	store_lineage_free(&lineage);
	free_generation(pem);
	return rc;
}

static int
repair(char **argv, struct err *err)
{
	bool mended = false;
	int rc = store_repair(&dirs, argv[0], &mended, err);

	if (rc == 0)
		puts(mended ? "mended" : "well");
	return rc;
}

/* read NAME: generation, whether mixed, names of the leaf; or what is wrong. */
static int
read_one(char **argv, struct err *err)
{
	struct store_lineage lineage = {.conf = NULL};
	const struct pki_facts *facts = NULL;
	char line[LIMIT_LOG_LINE_BYTES];
	int rc = store_read(&dirs, argv[0], &lineage, err);

	if (rc < 0)
		return rc;
	if (lineage.broken.code != 0) {
		printf("broken: %s\n",
		    err_text(&lineage.broken, line, sizeof(line)));
	} else {
		facts = pki_cert_facts(lineage.leaf);
		printf(
		    "%ld%s", lineage.generation, lineage.mixed ? " mixed" : "");
		for (size_t i = 0; i < facts->name_count; i++)
			printf(" %s", facts->names[i]);
		printf("\n");
	}
	store_lineage_free(&lineage);
	return 0;
}

static int
list(char **argv, struct err *err)
{
	char **names = NULL;
	size_t count = 0;
	int rc = store_names(&dirs, &names, &count, err);

	(void)argv;
	for (size_t i = 0; rc == 0 && i < count; i++)
		puts(names[i]);
	lineage_names_free(names, rc == 0 ? count : 0);
	return rc;
}

static int
new_name(char **argv, struct err *err)
{
	char name[LIMIT_LINEAGE_NAME_BYTES + 1];
	int rc = store_new_name(&dirs, argv[0], name, sizeof(name), err);

	if (rc == 0)
		puts(name);
	return rc;
}

static int delete (char **argv, struct err *err)
{
	return store_delete(&dirs, argv[0], err);
}

/* lock: says "locked", and holds until the end of its input. */
static int
lock(char **argv, struct err *err)
{
	struct certlock *held = NULL;
	int rc;

	(void)argv;
	rc = store_prepare(&dirs, err);
	if (rc == 0)
		rc = certlock_take(&dirs, &held, err);
	if (rc == 0) {
		puts("locked");
		(void)fflush(stdout);
		while (getchar() != EOF)
			continue;
	}
	certlock_release(held);
	return rc;
}

/* account SERVER: its ID, URL and origin. */
static int
account(char **argv, struct err *err)
{
	struct accounts_entry entry = {.key = NULL};
	int rc = accounts_read(config_dir, argv[0], NULL, &entry, err);

	if (rc == 0)
		printf("%s %s %s %s\n", entry.id, entry.url, entry.created,
		    entry.host);
	accounts_entry_free(&entry);
	return rc;
}

/* account-add SERVER KIND [URL]: an account that no CA knows. */
static int
account_add(char **argv, struct err *err)
{
	struct accounts_entry entry = {.key = NULL};
	int rc = jws_key_make(argv[1], &entry.key, err);

	if (rc == 0)
		rc = accounts_create(config_dir, argv[0], &entry, err);
	if (rc == 0 && argv[2] != NULL)
		rc =
		    accounts_set_url(config_dir, argv[0], &entry, argv[2], err);
	if (rc == 0)
		puts(entry.id);
	accounts_entry_free(&entry);
	return rc;
}

static int
account_remove(char **argv, struct err *err)
{
	return accounts_remove(config_dir, argv[0], argv[1], err);
}

/* conf-set PATH OUT SECTION KEY VALUE: PATH read, changed, written to OUT. */
static int
conf_set(char **argv, struct err *err)
{
	struct renewal *conf = NULL;
	int rc = renewal_read(argv[0], &conf, err);

	if (rc == 0)
		rc = renewal_set(conf, argv[2], argv[3], argv[4], err);
	if (rc == 0)
		rc = renewal_write(conf, argv[1], err);
	renewal_free(conf);
	return rc;
}

/* conf-list PATH OUT SECTION KEY [VALUE...]: the same with a list. */
static int
conf_list(char **argv, struct err *err)
{
	struct renewal *conf = NULL;
	size_t count = 0;
	int rc = renewal_read(argv[0], &conf, err);

	while (argv[4 + count] != NULL)
		count++;
	if (rc == 0)
		rc = renewal_set_list(conf, argv[2], argv[3],
		    (const char *const *)argv + 4, count, err);
	if (rc == 0)
		rc = renewal_write(conf, argv[1], err);
	renewal_free(conf);
	return rc;
}

/* conf-get PATH SECTION KEY: the elements, each with a NUL behind it. */
static int
conf_get(char **argv, struct err *err)
{
	struct renewal *conf = NULL;
	char **items = NULL;
	int rc = renewal_read(argv[0], &conf, err);

	if (rc == 0 && renewal_get(conf, argv[1], argv[2]) == NULL)
		rc = err_set(err, ERR_NOENT, "reading", argv[2], "no such key");
	if (rc == 0)
		rc = renewal_get_list(conf, argv[1], argv[2], &items, err);
	for (size_t i = 0; rc == 0 && items[i] != NULL; i++)
		(void)fwrite(items[i], 1, strlen(items[i]) + 1, stdout);
	renewal_list_free(items);
	renewal_free(conf);
	return rc;
}

static const struct {
	const char *name;
	int least;
	command run;
} commands[] = {
    {"create", 2, create},
    {"renew", 2, renew},
    {"repair", 1, repair},
    {"read", 1, read_one},
    {"names", 0, list},
    {"new-name", 1, new_name},
    {"delete", 1, delete},
    {"lock", 0, lock},
    {"account", 1, account},
    {"account-add", 2, account_add},
    {"account-remove", 2, account_remove},
    {"conf-set", 5, conf_set},
    {"conf-list", 4, conf_list},
    {"conf-get", 3, conf_get},
};

int
main(int argc, char **argv)
{
	char line[LIMIT_LOG_LINE_BYTES];
	struct err err = ERR_INIT;
	int rc = ERR_USAGE;

	if (argc < 3) {
		fputs("usage: storetool DIR COMMAND [ARGUMENT...]\n", stderr);
		return 2;
	}
	(void)snprintf(config_dir, sizeof(config_dir), "%s/le", argv[1]);
	(void)snprintf(work_dir, sizeof(work_dir), "%s/le-work", argv[1]);
	(void)snprintf(logs_dir, sizeof(logs_dir), "%s/le-logs", argv[1]);
	(void)err_set(&err, rc, "running", argv[2], "no such command");
	for (size_t i = 0; i < COUNT_OF(commands); i++) {
		if (strcmp(commands[i].name, argv[2]) == 0 &&
		    argc >= 3 + commands[i].least)
			rc = commands[i].run(argv + 3, &err);
	}
	if (rc == 0)
		return 0;
	fprintf(stderr, "%s\n", err_text(&err, line, sizeof(line)));
	return 1;
}
