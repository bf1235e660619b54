/*
 * folder: owns the lock on a till's folder, and its files' modes.
 */
#include "client/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

/* Made by SQLite it would be readable for others until its mode is set. */
void folder_make_file(const char *path)
{
	int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (file >= 0)
		close(file);
}

enum result folder_hold(const char *folder, int *ret_lock, struct error *err)
{
	int lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int errno_value;

	if (lock < 0 && (errno == ENOENT || errno == ENOTDIR))
		return error_set(err, RESULT_NOT_FOUND,
		    "%s is no folder; enrol this till first: "
		    "tally-pos enrol --server HOST:PORT --token TOKEN %s",
		    folder, folder);
	if (lock < 0)
		return error_errno(err, RESULT_IO, errno, "%s", folder);
	if (flock(lock, LOCK_EX | LOCK_NB) == 0) {
		*ret_lock = lock;
		return RESULT_OK;
	}
	errno_value = errno;
	close(lock);
	if (errno_value == EWOULDBLOCK)
		return error_set(err, RESULT_BUSY,
		    "another tally-pos is running on %s", folder);
	return error_errno(err, RESULT_IO, errno_value, "%s: lock", folder);
}
