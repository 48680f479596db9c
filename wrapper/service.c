/*
 * service.c: see service.h. Not every machine has systemd, and what fits it
 * is in the configuration already.
 */
#include "wrapper/service.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "wrapper/timers.h"

static bool
is_of_use(const struct conf_list *command)
{
	const char *slash;

	if (command->count == 0)
		return false;
	slash = strrchr(command->items[0], '/');
	return strcmp(slash == NULL ? command->items[0] : slash + 1,
		   "systemctl") != 0 ||
	    timers_has_systemd("");
}

const char *
service_reload(const struct conf *conf, char *ret, size_t size)
{
	const struct conf_list *command = &conf->haproxy.reload_command;
	const char *master = conf->haproxy.master_socket;
	struct buf text = BUF_INIT(SERVICE_RELOAD_BYTES);
	struct err ignored = ERR_INIT;
	int rc = 0;

	if (is_of_use(command)) {
		for (size_t i = 0; rc == 0 && i < command->count; i++)
			rc = buf_printf(&text, &ignored, "%s%s",
			    i > 0 ? " " : "", command->items[i]);
	} else if (*master != '\0' && access(master, F_OK) == 0) {
		rc = buf_printf(&text, &ignored,
		    "echo reload | socat - UNIX-CONNECT:%s", master);
	} else {
		rc = buf_puts(&text, "kill -USR2 its master process", &ignored);
	}
	(void)snprintf(ret, size, "%s", rc == 0 ? buf_text(&text) : "");
	buf_free(&text);
	return ret;
}
