/*
 * reload.c: the checked reload, for what cannot be changed in memory: a bundle
 * too large for the socket, a bind line that names single files. `haproxy -c`
 * first; then the master's socket (reload_master.c) or the configured command;
 * then proof that every worker socket is answered by a new process.
 */
#include "haproxy/reload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/proc.h"
#include "base/text.h"
#include "haproxy/environment.h"
#include "haproxy/process.h"
#include "haproxy/reload_part.h"
#include "haproxy/socket.h"

/* A worker's socket, and who answered there before the reload. */
struct worker {
	const char *path;
	bool up, silent; /* silent: somebody listens, and says nothing */
	struct process before;
	long opener; /* of a silent one's socket; 0: not known */
};

struct reload {
	const struct conf *conf;
	struct worker *workers;
	size_t count, up_count;
	int64_t deadline_ms;
	time_t start_s;
};

/* A silent worker that the reload has replaced answers by then. */
enum { SILENT_MS = 30 * 1000 };

/* Appends `len` bytes of `line` and a "; " before them, where it fits. */
static void
append(char *ret, size_t size, const char *line, size_t len)
{
	size_t used = strlen(ret);

	if (used + len + 3 > size)
		len = used + 3 < size ? size - used - 3 : 0;
	if (len == 0)
		return;
	(void)snprintf(ret + used, size - used, "%s%.*s", used == 0 ? "" : "; ",
	    (int)len, line);
}

void
reload_alerts(const char *log, char *ret, size_t size)
{
	const char *line, *last = "", *text;
	size_t len, last_len = 0;

	ret[0] = '\0';
	for (line = log; *line != '\0'; line += len + (line[len] == '\n')) {
		len = strcspn(line, "\n");
		if (len > 0) {
			last = line;
			last_len = len;
		}
		/* "[ALERT]    (4711) : config : parsing [...]" */
		if (strncmp(line, "[ALERT]", 7) != 0)
			continue;
		text = memchr(line, ')', len);
		text = text == NULL ? line + 7 : text + 1;
		text += strspn(text, " :");
		/* The sums at the end say nothing that was not said. */
		if (text < line + len &&
		    strncmp(text, "config : Fatal", 14) != 0 &&
		    strncmp(text, "config : Error(s) found", 23) != 0)
			append(ret, size, text, (size_t)(line + len - text));
	}
	if (*ret == '\0')
		append(ret, size, last, last_len);
	text_clean(ret);
}

static int
check(const struct conf *conf, const char *const *files, size_t file_count,
    struct err *err)
{
	/* Services start in "/", and what is relative is relative to that. */
	const char *argv[2 * LIMIT_CONF_LIST + 9] = {
	    conf->haproxy.program, "-c", "-C", "/"};
	struct environment_options its;
	struct proc_options options = {.timeout_ms = LIMIT_CHECK_TIMEOUT_MS};
	char alerts[LIMIT_ERR_DETAIL_BYTES - 464], advice[400];
	const char *const *borrowed;
	struct proc_result result;
	char **environment = NULL;
	size_t count = 4, i;
	int rc;

	if (file_count > LIMIT_CONF_LIST)
		return err_set(err, ERR_LIMIT,
		    "checking HAProxy's "
		    "configuration",
		    NULL, "more than %d files", LIMIT_CONF_LIST);
	environment_options(conf, &its);
	if (its.fatal_warnings)
		argv[count++] = "-dW";
	if (its.unresolved)
		argv[count++] = "-dr";
	if (its.peer[0] != '\0') {
		argv[count++] = "-L";
		argv[count++] = its.peer;
	}
	for (i = 0; i < file_count; i++) {
		argv[count++] = "-f";
		argv[count++] = files[i];
	}
	argv[count] = NULL;
	rc = environment_for_check(conf, &environment, err);
	if (rc < 0)
		return rc;
	memcpy(&borrowed, &environment, sizeof(borrowed));
	options.environment = borrowed;
	rc = proc_run_as(argv, &options, &result, err);
	environment_free(environment);
	if (rc == 0 && result.exit_status != 0) {
		reload_alerts(buf_text(&result.output), alerts, sizeof(alerts));
		environment_advise(conf, advice, sizeof(advice));
		rc = err_set(err, ERR_HAPROXY,
		    "checking HAProxy's configuration",
		    file_count > 0 ? files[0] : NULL, "%s%s%s", alerts,
		    *alerts == '\0' ? "haproxy -c failed" : "", advice);
	}
	proc_result_free(&result);
	return rc;
}

int
reload_check(const struct conf *conf, struct err *err)
{
	return check(
	    conf, conf->haproxy.config.items, conf->haproxy.config.count, err);
}

int
reload_check_file(const struct conf *conf, const char *path, struct err *err)
{
	return check(conf, &path, 1, err);
}

int
reload_is_possible(const struct conf *conf, struct err *err)
{
	const struct conf_list *command = &conf->haproxy.reload_command;

	if (*conf->haproxy.master_socket != '\0' &&
	    access(conf->haproxy.master_socket, F_OK) == 0)
		return 0;
	if (command->count == 0)
		return err_set(err, ERR_CONF, RELOAD_DOING,
		    "haproxy.reload_command",
		    "is empty and there is no haproxy.master_socket: nothing "
		    "could reload HAProxy");
	if (command->items[0][0] == '/' && access(command->items[0], X_OK) != 0)
		return err_sys(err, RELOAD_DOING, command->items[0], "access");
	return 0;
}

bool
reload_stands_in(const struct conf *conf)
{
	struct err ignored = ERR_INIT;

	return (conf->haproxy.update == CONF_UPDATE_AUTO ||
		   conf->haproxy.update == CONF_UPDATE_RELOAD) &&
	    reload_is_possible(conf, &ignored) == 0;
}

/*
 * Who answers now. ERR_DOWN is a fact, not a failure; nor is silence, as of a
 * worker all of whose connections are taken: its master may answer.
 */
static int
look_before(struct reload *reload, struct err *err)
{
	const struct conf_list *sockets = &reload->conf->haproxy.sockets;
	struct worker *worker;
	size_t i;
	int rc;

	reload->workers = calloc(sockets->count + 1, sizeof(*reload->workers));
	if (reload->workers == NULL)
		return err_nomem(err, RELOAD_DOING);
	reload->count = sockets->count;
	for (i = 0; i < reload->count; i++) {
		worker = &reload->workers[i];
		worker->path = sockets->items[i];
		rc = process_probe(worker->path, &worker->before, err);
		worker->silent = rc == ERR_TIMEOUT || rc == ERR_IO;
		if (rc < 0 && rc != ERR_DOWN && !worker->silent)
			return rc;
		worker->up = rc == 0;
		reload->up_count += worker->up;
		if (worker->silent &&
		    socket_whom(worker->path, &worker->opener, err) < 0)
			worker->opener = 0;
	}
	err_clear(err);
	return 0;
}

static int
run_command(const struct reload *reload, struct err *err)
{
	const struct conf_list *command = &reload->conf->haproxy.reload_command;
	char words[LIMIT_ERR_DETAIL_BYTES - 128];
	struct proc_result result;
	int rc;

	rc = proc_run(command->items, LIMIT_RELOAD_TIMEOUT_MS, &result, err);
	if (rc == 0 && result.exit_status != 0) {
		(void)snprintf(
		    words, sizeof(words), "%s", buf_text(&result.output));
		text_clean(words);
		rc = err_set(err, reload->up_count == 0 ? ERR_DOWN : ERR_CHILD,
		    RELOAD_DOING, command->items[0], "%s%d: %s%s",
		    result.signal != 0 ? "it died of signal "
				       : "it exited with status ",
		    result.signal != 0 ? result.signal : result.exit_status,
		    words,
		    reload->up_count == 0
			? " (HAProxy does not answer on any socket, either)"
			: "");
	}
	proc_result_free(&result);
	return rc;
}

/* Is `pid` one of the master's workers? */
static bool
is_worker(const struct reload_master *master, long pid)
{
	size_t i;

	for (i = 0; i < master->worker_count; i++) {
		if (master->workers[i] == pid)
			return true;
	}
	return false;
}

/*
 * Of a silent worker it tells who opened its socket: the worker, or up to 3.0
 * the master, as its own.
 */
static bool
is_opened_by(const struct reload_master *master, const char *path,
    const struct worker *worker)
{
	struct err ignored = ERR_INIT;
	long opener = 0;

	if (worker->opener == 0)
		return false;
	return is_worker(master, worker->opener) ||
	    (socket_whom(path, &opener, &ignored) == 0 &&
		opener == worker->opener);
}

/* Are all workers that are there this master's? There may be other HAProxys. */
static bool
covers(const struct reload *reload, const struct reload_master *master)
{
	const char *path = reload->conf->haproxy.master_socket;
	size_t i;

	for (i = 0; i < reload->count; i++) {
		const struct worker *worker = &reload->workers[i];

		if (worker->up && !is_worker(master, worker->before.pid))
			return false;
		if (worker->silent && !is_opened_by(master, path, worker))
			return false;
	}
	return true;
}

/* By the master where it can do it all, else by the command. */
static int
start(const struct reload *reload, struct err *err)
{
	const char *path = reload->conf->haproxy.master_socket;
	bool command = reload->conf->haproxy.reload_command.count > 0;
	struct reload_master before;
	int rc = ERR_DOWN;

	if (path != NULL && *path != '\0') {
		rc = reload_master_look(path, &before, err);
		if (rc == 0 && (!command || covers(reload, &before)))
			return reload_master_run(
			    path, &before, reload->deadline_ms, err);
	}
	/* No master there, not its socket, not for us, or not for all. */
	if (command) {
		err_clear(err);
		return run_command(reload, err);
	}
	if (rc != ERR_DOWN)
		return rc;
	return err_set(err, ERR_DOWN, RELOAD_DOING, path,
	    "no master answers there, and there is no reload_command");
}

/* By pid and age: in a container that was started anew the pid is the same. */
static bool
is_same(const struct process *a, const struct process *b)
{
	char one[LIMIT_IDENTITY_BYTES], other[LIMIT_IDENTITY_BYTES];

	process_identity(a, 1, one, sizeof(one));
	process_identity(b, 1, other, sizeof(other));
	return process_identity_equal(one, other);
}

/* Is it another than before? Of a silent one: was it started since? */
static bool
is_new(const struct reload *reload, const struct worker *worker,
    const struct process *now)
{
	return worker->up ? !is_same(now, &worker->before)
			  : now->start_s + now->start_off_s >= reload->start_s;
}

/* Waits until `worker` is answered by another process than before. */
static int
await(const struct reload *reload, const struct worker *worker, struct err *err)
{
	int64_t deadline_ms =
	    worker->up ? reload->deadline_ms : clock_mono_ms() + SILENT_MS;
	struct process now;
	int rc;

	do {
		rc = process_probe(worker->path, &now, err);
		if (rc == 0 && is_new(reload, worker, &now)) {
			err_clear(err);
			return 0;
		}
		clock_pause_ms(RELOAD_PAUSE_MS);
	} while (clock_mono_ms() < deadline_ms);
	if (rc < 0)
		return rc;
	return err_set(err, ERR_TIMEOUT, RELOAD_DOING, worker->path,
	    "process %ld, which was there before, still answers", now.pid);
}

int
reload_run(const struct conf *conf, struct err *err)
{
	struct reload reload = {.conf = conf,
	    .deadline_ms = clock_mono_ms() + LIMIT_RELOAD_TIMEOUT_MS,
	    .start_s = clock_now_s()};
	size_t i;
	int rc;

	rc = look_before(&reload, err);
	if (rc == 0)
		rc = start(&reload, err);
	for (i = 0; i < reload.count && rc == 0; i++) {
		if (reload.workers[i].up || reload.workers[i].silent)
			rc = await(&reload, &reload.workers[i], err);
	}
	free(reload.workers);
	return rc;
}

void
reload_settle(const struct conf *conf, int64_t *patience_ms)
{
	const char *path = conf->haproxy.master_socket;
	int64_t start_ms = clock_mono_ms(), took_ms = 0;
	struct reload_master master;
	struct err passing = ERR_INIT;

	if (path == NULL || *path == '\0' || access(path, F_OK) != 0)
		return;
	while (took_ms < *patience_ms) {
		int rc = reload_master_look(path, &master, &passing);

		if (rc == ERR_PERM || (rc == 0 && master.worker_count > 0))
			break;
		clock_pause_ms(RELOAD_PAUSE_MS);
		took_ms = clock_mono_ms() - start_ms;
	}
	*patience_ms -= took_ms;
}
