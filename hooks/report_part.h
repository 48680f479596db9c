/*
 * report_part.h: what report.c has of report_save.c. Nobody else includes it.
 */
#ifndef HOOKS_REPORT_PART_H
#define HOOKS_REPORT_PART_H

#include "hooks/report.h"

/* The item's record as it ended, saved (or removed). As report_item(). */
int report_save(struct item *item, struct site *site, bool durable,
    struct err *err) MUST_CHECK;

#endif
