/*
 * init_timer.c: who renews twice a day: systemd's timer, which `make install`
 * has put in place, or where there is no systemd a file for cron.
 */
#include "wrapper/init.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/proc.h"
#include "wrapper/program.h"

static const char unit[] = "certhaul.timer";

enum { SYSTEMCTL_MS = 30 * 1000, CRON_MODE = 0644 };

static int
systemctl(const char *verb, const char *option, bool *ret_well,
    struct proc_result *result, struct err *err)
{
	const char *const argv[] = {"systemctl", verb, option, unit, NULL};
	int rc;

	rc = proc_run(argv, SYSTEMCTL_MS, result, err);
	*ret_well = rc == 0 && result->exit_status == 0;
	return rc;
}

static int
need_timer(struct init *init, struct err *err)
{
	struct proc_result result;
	bool enabled = false, active = false, well = false;
	int rc;

	rc = systemctl("is-enabled", "--quiet", &enabled, &result, err);
	proc_result_free(&result);
	if (rc == 0) {
		rc = systemctl("is-active", "--quiet", &active, &result, err);
		proc_result_free(&result);
	}
	if (rc < 0 || (enabled && active))
		return rc;
	init_say(init, "enable and start", unit);
	if (init->dry_run)
		return 0;
	rc = systemctl("enable", "--now", &well, &result, err);
	if (rc == 0 && !well)
		rc = err_set(err, ERR_CHILD, INIT_DOING, unit,
		    "systemctl enable --now: %.500s (make install puts the "
		    "unit in place; --cron-dir takes cron instead)",
		    buf_text(&result.output));
	proc_result_free(&result);
	return rc;
}

static int
cron_text(struct init *init, struct buf *ret, struct err *err)
{
	const char *conf = init->call->conf_path;
	char program[LIMIT_PATH_BYTES];

	if (!program_beside("certhaul", program, sizeof(program)))
		return err_set(err, ERR_NOENT, INIT_DOING, "certhaul",
		    "where it is cannot be told");
	return buf_printf(ret, err,
	    "# Made by certhaul init. Renews what is due and deploys what is "
	    "not served,\n# twice a day; the minute is no full hour, so that "
	    "not all the world asks at once.\n"
	    "SHELL=/bin/sh\nPATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:"
	    "/usr/bin:/sbin:/bin\n\n37 5,17 * * * root test -x %s && %s%s%s "
	    "renew --quiet\n",
	    program, program, conf != NULL ? " -c " : "",
	    conf != NULL ? conf : "");
}

static int
need_cron(struct init *init, const char *dir, struct err *err)
{
	const struct fs_owner owner = {geteuid(), getegid(), CRON_MODE};
	struct buf text = BUF_INIT(LIMIT_CONF_BYTES);
	struct buf there = BUF_INIT(LIMIT_CONF_BYTES);
	char path[LIMIT_PATH_BYTES];
	struct err none = ERR_INIT;
	int fd = -1, rc;

	rc = cron_text(init, &text, err);
	if (rc == 0)
		rc = fs_open_dir(dir, &fd, err);
	if (rc == 0)
		rc = fs_join(path, sizeof(path), dir, "certhaul", err);
	if (rc < 0)
		goto out;
	if (fs_read(fd, "certhaul", FS_TRUST_ANY, &there, NULL, &none) == 0 &&
	    strcmp(buf_text(&there), buf_text(&text)) == 0)
		goto out;
	/* cron takes any name without a dot, so it is one file, replaced. */
	init_say(init, "write", path);
	if (!init->dry_run)
		rc = fs_replace(
		    fd, "certhaul", &owner, text.data, text.len, err);
out:
	if (fd >= 0)
		(void)close(fd);
	buf_free(&there);
	buf_free(&text);
	return rc;
}

int
init_timer(struct init *init, struct err *err)
{
	const char *dir = command_text(init->call, "cron-dir");

	if (dir == NULL && access("/run/systemd/system", F_OK) == 0)
		return need_timer(init, err);
	return need_cron(init, dir == NULL ? "/etc/cron.d" : dir, err);
}
