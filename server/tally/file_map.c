/*
 * file_map: owns a file's place in memory.
 *
 * A file of the disk is mapped, so that its bytes are read as they are looked
 * at; a pipe is read to its end first.
 */
#include "server/tally/file_map.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_SIZE 1048576u

static enum result read_all(int file, struct buffer *to, struct error *err)
{
	for (;;) {
		enum result result = buffer_reserve(to, READ_SIZE, err);
		ssize_t got;

		if (result != RESULT_OK)
			return result;
		got = read(file, &to->data[to->size], READ_SIZE);
		if (got == 0)
			return RESULT_OK;
		if (got > 0)
			to->size += (size_t)got;
		else if (errno != EINTR)
			return error_errno(
			    err, RESULT_IO, errno, "cannot read it");
	}
}

static enum result take(int file, struct file_map *map, struct error *err)
{
	struct stat status;
	enum result result;
	void *data;

	if (fstat(file, &status) != 0)
		return error_errno(err, RESULT_IO, errno, "cannot read it");
	if (S_ISREG(status.st_mode) && status.st_size > 0) {
		data = mmap(NULL, (size_t)status.st_size, PROT_READ,
		    MAP_PRIVATE, file, 0);
		if (data != MAP_FAILED) {
			map->bytes = bytes_of(data, (size_t)status.st_size);
			map->is_mapped = true;
			return RESULT_OK;
		}
	}
	result = read_all(file, &map->read, err);
	map->bytes = buffer_view(&map->read);
	return result;
}

enum result file_map_open(
    const char *path, struct file_map *ret_map, struct error *err)
{
	struct file_map map = {.is_mapped = false};
	int file = STDIN_FILENO;
	enum result result;

	if (strcmp(path, "-") != 0)
		file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return error_errno(err,
		    errno == ENOENT ? RESULT_NOT_FOUND : RESULT_IO, errno,
		    "cannot read %s", path);
	result = take(file, &map, err);
	if (file != STDIN_FILENO)
		close(file);
	if (result != RESULT_OK) {
		buffer_finish(&map.read);
		(void)error_prefix(err, "%s", path);
		return result;
	}
	*ret_map = map;
	return RESULT_OK;
}

void file_map_close(struct file_map *map)
{
	if (map->is_mapped)
		munmap((void *)map->bytes.data, map->bytes.size);
	buffer_finish(&map->read);
	*map = (struct file_map){.is_mapped = false};
}
