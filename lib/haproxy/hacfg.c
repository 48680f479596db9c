/*
 * hacfg.c: the configuration files of HAProxy -> struct hacfg. Files and
 * directories in the order of -f, line for line through hacfg_words.c and
 * hacfg_lines.c. The start of discovery_load().
 */
#include "haproxy/hacfg.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/fs.h"
#include "haproxy/hacfg_part.h"

static int
split_line(struct hacfg_reader *reader, const char *text, struct err *err)
{
	char where[LIMIT_ERR_ON_BYTES];

	reader->env.unsure = false;
	return hacfg_words_split(&reader->words, text, &reader->env,
	    hacfg_where(reader, where, sizeof(where)), err);
}

/* How many are taken of the line, as far as they are known by now. */
static size_t
count_readings(const struct hacfg_env *env)
{
	if (!env->decides || env->outer == NULL || !env->outer->decides)
		return 1;
	return env->readings < HACFG_READINGS ? env->readings : HACFG_READINGS;
}

/* The line in reader->words, which is one that HAProxy may read. */
static int
take_line(struct hacfg_reader *reader, struct err *err)
{
	struct hacfg_seen seen = {.file = reader->file, .line = reader->line};
	int rc;

	rc = hacfg_line(reader, &seen.begins, err);
	reader->env.again = true;
	if (rc < 0 || reader->visit == NULL || reader->words.count == 0 ||
	    reader->env.reading > 0)
		return rc;
	seen.section = reader->section_name;
	seen.words = reader->words.items;
	seen.word_count = reader->words.count;
	return reader->visit(reader->context, &seen, err);
}

static int
take_again(struct hacfg_reader *reader, const char *text, struct err *err)
{
	int rc = split_line(reader, text, err);

	return rc < 0 ? rc : take_line(reader, err);
}

static int
read_line(struct hacfg_reader *reader, const char *text, struct err *err)
{
	struct hacfg_env *env = &reader->env;
	size_t count;
	int rc;

	text += strspn(text, " \t");
	env->reading = 0;
	env->readings = 1;
	env->again = false;
	env->before = env->count;
	env->decides = reader->when != HACFG_NEVER && hacfg_line_decides(text);
	/* A flaw here is one for HAProxy too, though it may pass over it. */
	rc = split_line(reader, text, err);
	if (rc == 0 && *text == '.')
		hacfg_if_line(reader);
	if (rc < 0 || *text == '.' || reader->when == HACFG_NEVER)
		return rc;
	/* From the earliest value on: the last one is to be what is set. */
	count = count_readings(env);
	for (env->reading = count - 1; rc == 0 && env->reading > 0;
	     env->reading--)
		rc = take_again(reader, text, err);
	if (rc == 0)
		rc = env->again ? take_again(reader, text, err)
				: take_line(reader, err);
	/* Of names and addresses it is known by now whether there are more. */
	for (env->reading = count;
	     rc == 0 && env->reading < count_readings(env); env->reading++)
		rc = take_again(reader, text, err);
	env->reading = 0;
	return rc;
}

static int
read_file(struct hacfg_reader *reader, const char *path, struct err *err)
{
	struct buf text = BUF_INIT(LIMIT_HACFG_BYTES);
	char *line, *end;
	int rc;

	if (reader->file_count++ == LIMIT_HACFG_FILES) {
		rc = err_set(err, ERR_LIMIT, HACFG_DOING, path,
		    "more than %d files", LIMIT_HACFG_FILES);
		goto out;
	}
	rc = fs_read(AT_FDCWD, path, FS_TRUST_ANY, &text, NULL, err);
	if (rc == 0)
		rc = hacfg_add_text(&reader->hacfg->files,
		    &reader->hacfg->file_count, path, err);
	if (rc < 0)
		goto out;
	reader->file = path;
	reader->line = 0;
	reader->section = HACFG_NO_SECTION;
	reader->block_count = 0;
	reader->when = HACFG_ALWAYS;
	rc = hacfg_set_dir(reader, err);
	for (line = text.data; line != NULL && rc == 0; line = end) {
		end = strchr(line, '\n');
		if (end != NULL)
			*end++ = '\0';
		reader->line++;
		rc = read_line(reader, line, err);
	}
out:
	reader->file = "";
	buf_free(&text);
	return rc;
}

static int
is_config(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 4 &&
	    strcmp(entry->d_name + len - 4, ".cfg") == 0;
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int
read_directory(struct hacfg_reader *reader, const char *dir, struct err *err)
{
	struct dirent **entries = NULL;
	char path[LIMIT_PATH_BYTES];
	struct stat st;
	int count, i, rc = 0;

	count = scandir(dir, &entries, is_config, by_name);
	if (count < 0)
		return err_sys(err, HACFG_DOING, dir, "scandir");
	for (i = 0; i < count; i++) {
		if (rc == 0)
			rc = fs_join(
			    path, sizeof(path), dir, entries[i]->d_name, err);
		if (rc == 0 && stat(path, &st) == 0 && S_ISREG(st.st_mode))
			rc = read_file(reader, path, err);
		free(entries[i]);
	}
	free(entries);
	return rc;
}

/* `ret` may be NULL, and `visit` too. */
static int
read_all(const char *const *paths, size_t count,
    const struct conf_environment *environment,
    int (*visit)(void *, const struct hacfg_seen *, struct err *),
    void *context, struct hacfg **ret, struct err *err)
{
	struct hacfg_reader *reader;
	struct stat st;
	size_t i;
	int rc = 0;

	reader = calloc(1, sizeof(*reader));
	if (reader != NULL)
		reader->hacfg = calloc(1, sizeof(*reader->hacfg));
	if (reader == NULL || reader->hacfg == NULL) {
		rc = err_nomem(err, HACFG_DOING);
		goto out;
	}
	reader->visit = visit;
	reader->context = context;
	reader->env.hacfg = reader->hacfg;
	reader->env.outer = environment;
	for (i = 0; i < count && rc == 0; i++) {
		if (stat(paths[i], &st) < 0)
			rc = err_sys(err, HACFG_DOING, paths[i], "stat");
		else if (S_ISDIR(st.st_mode))
			rc = read_directory(reader, paths[i], err);
		else
			rc = read_file(reader, paths[i], err);
	}
	reader->env.decides = false;
	if (rc == 0)
		rc = hacfg_env_settle(&reader->env, err);
	if (rc != 0 || ret == NULL)
		goto out;
	*ret = reader->hacfg;
	reader->hacfg = NULL;
out:
	if (reader != NULL) {
		hacfg_mode_free(reader);
		hacfg_env_free(&reader->env);
		hacfg_free(reader->hacfg);
	}
	free(reader);
	return rc;
}

int
hacfg_read(const char *const *paths, size_t count,
    const struct conf_environment *environment, struct hacfg **ret,
    struct err *err)
{
	return read_all(paths, count, environment, NULL, NULL, ret, err);
}

int
hacfg_each(const char *const *paths, size_t count,
    const struct conf_environment *environment,
    int (*visit)(void *context, const struct hacfg_seen *seen, struct err *err),
    void *context, struct err *err)
{
	return read_all(paths, count, environment, visit, context, NULL, err);
}

static void
free_texts(char **texts, size_t count)
{
	size_t i;

	for (i = 0; texts != NULL && i < count; i++)
		free(texts[i]);
	free(texts);
}

static void
free_bind(struct hacfg_bind *bind)
{
	size_t i;

	for (i = 0; i < bind->source_count; i++) {
		free(bind->sources[i].name);
		free(bind->sources[i].path);
		free(bind->sources[i].crt_base);
		free(bind->sources[i].ca_base);
		free(bind->sources[i].dir);
	}
	free(bind->sources);
	free_texts(bind->addresses, bind->address_count);
	free(bind->section);
	free(bind->file);
}

static void
free_deciding(struct hacfg_deciding *deciding, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < HACFG_READINGS; k++)
			free(deciding[i].values[k]);
		free(deciding[i].name);
	}
	free(deciding);
}

void
hacfg_free(struct hacfg *hacfg)
{
	size_t i;

	if (hacfg == NULL)
		return;
	for (i = 0; i < hacfg->bind_count; i++)
		free_bind(&hacfg->binds[i]);
	for (i = 0; i < hacfg->load_count; i++) {
		free(hacfg->loads[i].store);
		free(hacfg->loads[i].crt);
		free(hacfg->loads[i].path);
	}
	for (i = 0; i < hacfg->server_count; i++) {
		free(hacfg->servers[i].name);
		free(hacfg->servers[i].path);
		free(hacfg->servers[i].file);
	}
	for (i = 0; i < hacfg->trust_count; i++) {
		free(hacfg->trusts[i].path);
		free(hacfg->trusts[i].file);
	}
	free(hacfg->binds);
	free(hacfg->loads);
	free(hacfg->servers);
	free(hacfg->trusts);
	free_texts(hacfg->files, hacfg->file_count);
	free_texts(hacfg->sockets, hacfg->socket_count);
	free_texts(hacfg->maps, hacfg->map_count);
	free_texts(hacfg->variables, hacfg->variable_count);
	free_deciding(hacfg->deciding, hacfg->deciding_count);
	free(hacfg);
}
