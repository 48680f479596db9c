/*
 * certbot_lock.c: is another certbot at work? Its locks are POSIX ones on
 * .certbot.lock in each of its directories (contract "Locks"), so the kernel
 * knows who holds them.
 */
#include "wrapper/certbot.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/fs.h"

/* The process that holds the lock in `dir`, 0: none (or no such file). */
static pid_t
holder_of(const char *dir)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	struct err ignored = ERR_INIT;
	char path[LIMIT_PATH_BYTES];
	pid_t holder = 0;
	int fd;

	if (fs_join(path, sizeof(path), dir, ".certbot.lock", &ignored) < 0)
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return 0;
	if (fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK)
		holder = lock.l_pid;
	(void)close(fd);
	return holder;
}

int
certbot_probe(const struct conf *conf, struct err *err)
{
	const char *const dirs[] = {conf->letsencrypt.logs_dir,
	    conf->letsencrypt.config_dir, conf->letsencrypt.work_dir};

	for (size_t i = 0; i < COUNT_OF(dirs); i++) {
		pid_t holder = holder_of(dirs[i]);

		if (holder != 0)
			return err_set(err, ERR_LOCKED, "running certbot",
			    dirs[i],
			    "another certbot (process %ld) is at work here; "
			    "wait until it has ended and run this again",
			    (long)holder);
	}
	return 0;
}
