/*
 * request_steps.c: on a terminal, which step of how many an order is at. What
 * the engine and certhaul-hook say goes by above that line.
 */
#include "wrapper/request.h"

#include <unistd.h>

#include "base/log.h"

void
request_steps_begin(struct request *request)
{
	size_t total =
	    1 + (size_t)request->look + (request->wanted.dry_run ? 0 : 3);

	term_progress_begin(&request->progress, STDERR_FILENO, "step", total);
	request->progress.slow = request->progress.unlike = true;
	log_progress(&request->progress);
}

void
request_step(struct request *request, const char *name)
{
	request->step_name = name;
	term_progress_at(&request->progress, request->steps++, name);
}

void
request_steps_end(struct request *request)
{
	term_progress_end(&request->progress);
	log_progress(NULL);
}

static bool
make_way(void *context, const char *line)
{
	struct request *request = context;

	(void)line;
	term_progress_hide(&request->progress);
	return true;
}

static void
draw_again(void *context)
{
	struct request *request = context;

	term_progress_at(
	    &request->progress, request->steps - 1, request->step_name);
}

const struct child_watch *
request_watch(struct request *request)
{
	if (!request->progress.on)
		return NULL;
	request->watch = (struct child_watch){
	    .line = make_way, .passed = draw_again, .context = request};
	return &request->watch;
}
