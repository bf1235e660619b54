/*
 * folder: the exclusive hold on a till's folder.
 * Above: outbox.
 *
 * Two programs that took counters from one outbox would name two operations
 * alike, so a folder belongs to one tally-pos at a time (flock). The kernel
 * lets go of it when the process ends, however it ends.
 */
#ifndef CLIENT_FOLDER_H
#define CLIENT_FOLDER_H

#include "common/base/result.h"

/*
 * RESULT_NOT_FOUND: there is no such folder. RESULT_BUSY: another tally-pos
 * holds it. RESULT_IO. The caller closes `*ret_lock` to let go.
 */
enum result folder_hold(const char *folder, int *ret_lock, struct error *err);

/* Make an empty file that is nobody else's to read, unless there is one. A
 * fault is met again, and named, by whoever opens it. */
void folder_make_file(const char *path);

#endif
