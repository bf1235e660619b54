/*
 * file: write beside, sync, put in place.
 */
#include "proto/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE_SIZE 2048u /* bytes read at once; most files are smaller */

static enum result write_all(
    int handle, const char *path, struct bytes content, struct error *err)
{
	struct reader left = reader_of(content);

	while (reader_left(&left) > 0) {
		struct bytes rest =
		    bytes_of(&content.data[left.position], reader_left(&left));
		ssize_t written = write(handle, rest.data, rest.size);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return error_errno(
			    err, RESULT_IO, errno, "cannot write %s", path);
		(void)reader_bytes(&left, (size_t)written);
	}
	if (fsync(handle) != 0)
		return error_errno(
		    err, RESULT_IO, errno, "cannot sync %s", path);
	return RESULT_OK;
}

/* The file beside its place, whole and synced; its name in `ret_path`. */
static enum result write_beside(const char *path, struct bytes content,
    bool is_secret, char ret_path[FILE_PATH_SIZE_MAX], struct error *err)
{
	int length = snprintf(ret_path, FILE_PATH_SIZE_MAX, "%s.new", path);
	enum result result;
	int handle;

	if (length < 0 || (size_t)length >= FILE_PATH_SIZE_MAX)
		return error_set(err, RESULT_LIMIT, "%s: too long", path);
	/* What a crash left there goes first, so that the mode is ours. */
	if (unlink(ret_path) != 0 && errno != ENOENT)
		return error_errno(
		    err, RESULT_IO, errno, "cannot write %s", path);
	handle = open(ret_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
	    is_secret ? 0600 : 0644);
	if (handle < 0)
		return error_errno(
		    err, RESULT_IO, errno, "cannot write %s", path);
	result = write_all(handle, path, content, err);
	if (close(handle) != 0 && result == RESULT_OK)
		result =
		    error_errno(err, RESULT_IO, errno, "cannot write %s", path);
	if (result != RESULT_OK)
		(void)unlink(ret_path);
	return result;
}

enum result file_create(
    const char *path, struct bytes content, bool is_secret, struct error *err)
{
	char beside[FILE_PATH_SIZE_MAX];
	enum result result =
	    write_beside(path, content, is_secret, beside, err);

	if (result != RESULT_OK)
		return result;
	/* Unlike rename(), link() leaves alone what is there. */
	if (link(beside, path) != 0)
		result = errno == EEXIST ? error_set(err, RESULT_EXISTS,
					       "%s is there already", path)
					 : error_errno(err, RESULT_IO, errno,
					       "cannot write %s", path);
	(void)unlink(beside);
	return result;
}

enum result file_replace(
    const char *path, struct bytes content, bool is_secret, struct error *err)
{
	char beside[FILE_PATH_SIZE_MAX];
	enum result result =
	    write_beside(path, content, is_secret, beside, err);

	if (result != RESULT_OK)
		return result;
	if (rename(beside, path) != 0) {
		result =
		    error_errno(err, RESULT_IO, errno, "cannot write %s", path);
		(void)unlink(beside);
	}
	return result;
}

static enum result read_all(int handle, const char *path, size_t size_max,
    struct buffer *to, struct error *err)
{
	size_t before = to->size;

	for (;;) {
		enum result result = buffer_reserve(to, PIECE_SIZE, err);
		ssize_t got;

		if (result != RESULT_OK)
			return result;
		got = read(handle, to->data + to->size, PIECE_SIZE);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_errno(
			    err, RESULT_IO, errno, "cannot read %s", path);
		if (got == 0)
			return RESULT_OK;
		to->size += (size_t)got;
		if (to->size - before > size_max)
			return error_set(err, RESULT_LIMIT,
			    "%s has more than %zu bytes", path, size_max);
	}
}

enum result file_read_most(
    const char *path, size_t size_max, struct buffer *to, struct error *err)
{
	int handle = open(path, O_RDONLY | O_CLOEXEC);
	size_t before = to->size;
	enum result result;

	if (handle < 0)
		return error_errno(err,
		    errno == ENOENT || errno == ENOTDIR ? RESULT_NOT_FOUND
							: RESULT_IO,
		    errno, "cannot read %s", path);
	result = read_all(handle, path, size_max, to, err);
	(void)close(handle);
	if (result != RESULT_OK)
		to->size = before;
	return result;
}

enum result file_read(const char *path, struct buffer *to, struct error *err)
{
	return file_read_most(path, FILE_SIZE_MAX, to, err);
}

bool file_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

enum result file_sync_folder(const char *path, struct error *err)
{
	int handle = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum result result = RESULT_OK;

	if (handle < 0)
		return error_errno(
		    err, RESULT_IO, errno, "cannot open %s", path);
	if (fsync(handle) != 0)
		result =
		    error_errno(err, RESULT_IO, errno, "cannot sync %s", path);
	(void)close(handle);
	return result;
}

enum result file_path(const char *folder, const char *name,
    char ret_path[FILE_PATH_SIZE_MAX], struct error *err)
{
	char path[FILE_PATH_SIZE_MAX];
	int length = snprintf(path, sizeof(path), "%s/%s", folder, name);

	if (length < 0 || (size_t)length >= sizeof(path))
		return error_set(err, RESULT_LIMIT,
		    "the folder's name has more than %u bytes",
		    FILE_PATH_SIZE_MAX);
	(void)snprintf(ret_path, FILE_PATH_SIZE_MAX, "%s", path);
	return RESULT_OK;
}
