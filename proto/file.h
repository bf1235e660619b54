/*
 * file: small files that are there whole or not at all.
 *
 * Each is written beside its place (".new" at its end), synced, and only then
 * put there, so that a crash leaves the old one or none. The folder is not
 * synced: file_sync_folder() does that, once for several files.
 */
#ifndef PROTO_FILE_H
#define PROTO_FILE_H

#include <stdbool.h>

#include "common/base/bytes.h"

#define FILE_PATH_SIZE_MAX 4096u
#define FILE_SIZE_MAX 65536u /* bytes that file_read() takes */

/* A file that is not there yet; RESULT_EXISTS where it is. `is_secret`: mode
 * 0600 instead of 0644 (both less the umask). */
enum result file_create(
    const char *path, struct bytes content, bool is_secret, struct error *err);
/* In the place of what is there, if anything. */
enum result file_replace(
    const char *path, struct bytes content, bool is_secret, struct error *err);
/* Appended to `to`. RESULT_NOT_FOUND, RESULT_LIMIT above FILE_SIZE_MAX. */
enum result file_read(const char *path, struct buffer *to, struct error *err);
/* The same with another limit. */
enum result file_read_most(
    const char *path, size_t size_max, struct buffer *to, struct error *err);
bool file_exists(const char *path);
enum result file_sync_folder(const char *path, struct error *err);
/* `folder`/`name`; RESULT_LIMIT where it does not fit. */
enum result file_path(const char *folder, const char *name,
    char ret_path[FILE_PATH_SIZE_MAX], struct error *err);

#endif
