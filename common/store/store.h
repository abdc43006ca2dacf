/*
 * store: the only code that knows the database. Verbs in the words of the domain, by noun:
 * store_member.h, store_sender.h, store_item.h, store_mail.h, store_log.h.
 *
 * One struct store is one connection and belongs to one thread. Verbs take and return plain data;
 * times are seconds since 1970; ids are positive. SQLite busy beyond its time-out is
 * ERROR_TEMPORARY; a damaged or read-only database, a full disk ERROR_SYSTEM. A verb outside
 * store_begin()/store_commit() is durable when it returns 0.
 */
#ifndef ZAGUAN_STORE_STORE_H
#define ZAGUAN_STORE_STORE_H

#include "common/base/arena.h"
#include "common/base/error.h"
#include <stdint.h>

struct store;

/* Opens or creates, and brings the schema up to date. */
int store_open(const char *path, struct store **store_out, struct error *err) MUST_CHECK;
void store_close(struct store *store); /* NULL is fine */

int store_begin(struct store *store, struct error *err) MUST_CHECK; /* BEGIN IMMEDIATE */
int store_commit(struct store *store, struct error *err) MUST_CHECK;
void store_rollback(struct store *store); /* fine when nothing is open */

/* Changes whenever another connection has committed: a cheap "is there news?". */
int store_data_version(struct store *store, int64_t *version_out, struct error *err) MUST_CHECK;
/* A whole copy while others write (online backup); `path` must not exist. */
int store_backup(struct store *store, const char *path, struct error *err) MUST_CHECK;
/* PRAGMA quick_check and the schema's number; ERROR_SYSTEM names what is wrong. */
int store_check(struct store *store, struct error *err) MUST_CHECK;

#endif
