/*
 * init_write.c: the operator's haproxy.cfg, changed as one would wish it: the
 * new text is staged beside the old (init_file.c), `haproxy -c` has it first,
 * then it takes the old one's place.
 *
 * Line numbers are of use for one text only: the edits are looked for again
 * once the texts are held, and a text that is another by the end is left.
 */
#include "wrapper/init.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "haproxy/hacfg.h"
#include "haproxy/reload.h"
#include "wrapper/init_file.h"
#include "wrapper/refit.h"
#include "wrapper/service.h"

struct files {
	struct init_file *items; /* owned */
	size_t count;
};

static int
add_file(struct files *files, const char *path, struct err *err)
{
	struct init_file *grown;

	for (size_t i = 0; i < files->count; i++) {
		if (strcmp(files->items[i].path, path) == 0)
			return 0;
	}
	grown = realloc(files->items, (files->count + 1) * sizeof(*grown));
	if (grown == NULL)
		return err_nomem(err, INIT_DOING);
	files->items = grown;
	grown += files->count++;
	init_file_name(grown, path);
	return 0;
}

/* hacfg_each(): every file that has a line. */
static int
take_line(void *context, const struct hacfg_seen *seen, struct err *err)
{
	return add_file(context, seen->file, err);
}

static void
files_free(struct files *files)
{
	for (size_t i = 0; i < files->count; i++)
		init_file_close(&files->items[i]);
	free(files->items);
}

static bool
is_edited(const struct refit *refit, const char *path)
{
	for (size_t i = 0; i < refit->count; i++) {
		if (strcmp(refit->edits[i].file, path) == 0)
			return true;
	}
	return false;
}

/* That what was shown is what these texts lack, line by line. */
static int
look_again(const struct init *init, const struct refit *refit, struct err *err)
{
	struct refit again;
	int rc;

	rc = refit_find(init->conf, REFIT_ALL, init->elsewhere, &again, err);
	if (rc < 0)
		return rc;
	if (!refit_equal(refit, &again))
		rc = err_set(err, ERR_EXISTS, INIT_DOING, refit->edits[0].file,
		    "HAProxy's configuration was changed meanwhile; run init "
		    "again");
	refit_free(&again);
	return rc;
}

static int
stage(struct init_file *file, const struct refit *refit, struct err *err)
{
	struct buf text = BUF_INIT(LIMIT_HACFG_BYTES);
	int rc;

	rc = refit_apply(refit, file->path, buf_text(&file->text), &text, err);
	if (rc == 0)
		rc = init_file_stage(file, &text, err);
	buf_free(&text);
	return rc;
}

/*
 * HAProxy refuses the new files. Where it refuses the old ones, too, that is
 * what is to be mended first, and its words are of a file that is there.
 */
static int
blame(const struct init *init, int rc, struct err *err)
{
	struct err old = ERR_INIT;

	if (rc != ERR_HAPROXY || reload_check(init->conf, &old) != rc)
		return rc;
	err_clear(err);
	return err_set(err, rc, INIT_DOING, old.on,
	    "HAProxy refuses its configuration as it is, and nothing was "
	    "changed; mend this first: %s",
	    old.detail);
}

/* `haproxy -c` on the staged files, each in its place among the others. */
static int
check(const struct init *init, const struct files *files, struct err *err)
{
	struct conf conf = *init->conf;
	const char **paths;
	int rc;

	paths = calloc(files->count + 1, sizeof(*paths));
	if (paths == NULL)
		return err_nomem(err, INIT_DOING);
	for (size_t i = 0; i < files->count; i++)
		paths[i] = files->items[i].staged[0] != '\0'
		    ? files->items[i].staged
		    : files->items[i].path;
	conf.haproxy.config.items = paths;
	conf.haproxy.config.count = files->count;
	rc = reload_check(&conf, err);
	free(paths);
	return blame(init, rc, err);
}

static int
replace(struct init *init, struct init_file *file, struct err *err)
{
	int rc = init_file_replace(init, file, err);

	init->written |= file->replaced;
	return rc;
}

/* One could not be replaced: HAProxy was asked about all of them together. */
static void
put_back(struct files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		struct init_file *file = &files->items[i];
		struct err err = ERR_INIT;

		if (!file->replaced)
			continue;
		if (init_file_restore(file, init_file_base(file->real), &err) <
		    0)
			log_err(LOG_LEVEL_ERROR, "putting back: ", &err);
		else
			log_say(LOG_LEVEL_WARN, "%s is again as it was",
			    file->real);
	}
}

/* Each edited file with its new text beside it, all of them checked. */
static int
prepare(const struct init *init, const struct refit *refit, struct files *files,
    struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < files->count && rc == 0; i++) {
		if (is_edited(refit, files->items[i].path))
			rc = init_file_open(&files->items[i], err);
	}
	if (rc == 0)
		rc = look_again(init, refit, err);
	for (size_t i = 0; i < files->count && rc == 0; i++) {
		if (is_edited(refit, files->items[i].path))
			rc = stage(&files->items[i], refit, err);
	}
	return rc < 0 ? rc : check(init, files, err);
}

int
init_write(struct init *init, const struct refit *refit, struct err *err)
{
	const struct conf_list *config = &init->conf->haproxy.config;
	struct files files = {NULL, 0};
	char how[SERVICE_RELOAD_BYTES];
	int rc;

	rc = hacfg_each(config->items, config->count,
	    init->conf->haproxy.environment, take_line, &files, err);
	/* One that was empty has no line to be seen by. */
	for (size_t i = 0; i < refit->count && rc == 0; i++)
		rc = add_file(&files, refit->edits[i].file, err);
	if (rc == 0 && !init->dry_run)
		rc = prepare(init, refit, &files, err);
	for (size_t i = 0; i < files.count && rc == 0; i++) {
		if (!is_edited(refit, files.items[i].path))
			continue;
		if (init->dry_run)
			init_say(init, "check and change", files.items[i].path);
		else
			rc = replace(init, &files.items[i], err);
	}
	if (rc < 0)
		put_back(&files);
	if (rc == 0 && !init->dry_run)
		(void)printf("next: reload HAProxy (%s)%s\n",
		    service_reload(init->conf, how, sizeof(how)),
		    refit->socket_to == NULL
			? ""
			: ": until then it has not the socket that certhaul is "
			  "to use, so --in-proxy challenges fail and each "
			  "update takes a reload");
	files_free(&files);
	return rc;
}
