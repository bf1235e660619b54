/*
 * spool: owns two unlinked files: the records one after another, and where
 * each one ends, 8 bytes a record.
 */
#include "server/tally/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PENDING_SIZE_MAX 65536u
#define END_SIZE 8u

/* A file that is written at its end, in large pieces. */
struct tail_file {
	int handle;
	uint64_t written;
	struct buffer pending;
};

struct spool {
	struct tail_file records;
	struct tail_file ends;
	uint64_t count;
	uint64_t size; /* of all records */
};

static enum result tail_open(struct tail_file *file, struct error *err)
{
	const char *folder = getenv("TMPDIR");
	char path[4096];

	if (folder == NULL || folder[0] == '\0')
		folder = "/tmp";
	if (snprintf(path, sizeof(path), "%s/tally-audit-XXXXXX", folder) >=
	    (int)sizeof(path))
		return error_set(err, RESULT_LIMIT, "TMPDIR is too long");
	file->handle = mkostemp(path, O_CLOEXEC);
	if (file->handle < 0)
		return error_errno(err, RESULT_IO, errno,
		    "cannot make a temporary file in %s", folder);
	(void)unlink(path);
	return RESULT_OK;
}

static void tail_close(struct tail_file *file)
{
	if (file->handle >= 0)
		(void)close(file->handle);
	buffer_finish(&file->pending);
}

static enum result tail_flush(struct tail_file *file, struct error *err)
{
	while (file->pending.size > 0) {
		ssize_t size =
		    write(file->handle, file->pending.data, file->pending.size);

		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0)
			return error_errno(err, RESULT_IO, errno,
			    "cannot keep records in a temporary file");
		file->written += (uint64_t)size;
		buffer_consume(&file->pending, (size_t)size);
	}
	return RESULT_OK;
}

static enum result tail_append(
    struct tail_file *file, struct bytes bytes, struct error *err)
{
	enum result result = buffer_append(&file->pending, bytes, err);

	if (result == RESULT_OK && file->pending.size >= PENDING_SIZE_MAX)
		result = tail_flush(file, err);
	return result;
}

static enum result tail_read(struct tail_file *file, uint64_t offset,
    size_t size, struct buffer *to, struct error *err)
{
	enum result result = RESULT_OK;
	ssize_t got;

	if (offset + size > file->written)
		result = tail_flush(file, err);
	if (result == RESULT_OK)
		result = buffer_reserve(to, size, err);
	if (result != RESULT_OK)
		return result;
	got = pread(file->handle, to->data + to->size, size, (off_t)offset);
	if (got != (ssize_t)size)
		return error_errno(err, RESULT_IO, got < 0 ? errno : EIO,
		    "cannot read a temporary file back");
	to->size += size;
	return RESULT_OK;
}

enum result spool_create(struct spool **ret_spool, struct error *err)
{
	struct spool *spool = calloc(1, sizeof(*spool));
	enum result result;

	if (spool == NULL)
		return error_no_memory(err);
	spool->records.handle = -1;
	spool->ends.handle = -1;
	result = tail_open(&spool->records, err);
	if (result == RESULT_OK)
		result = tail_open(&spool->ends, err);
	if (result != RESULT_OK) {
		spool_destroy(spool);
		return result;
	}
	*ret_spool = spool;
	return RESULT_OK;
}

void spool_destroy(struct spool *spool)
{
	if (spool == NULL)
		return;
	tail_close(&spool->records);
	tail_close(&spool->ends);
	free(spool);
}

enum result spool_append(
    struct spool *spool, struct bytes record, struct error *err)
{
	uint8_t end[END_SIZE];
	struct writer writer = writer_of(end, sizeof(end));
	enum result result = tail_append(&spool->records, record, err);

	if (result != RESULT_OK)
		return result;
	spool->size += record.size;
	spool->count++;
	writer_u64(&writer, spool->size);
	return tail_append(&spool->ends, writer_view(&writer), err);
}

/* Where record `number` ends; 0 for number 0. */
static enum result read_end(
    struct spool *spool, uint64_t number, uint64_t *ret_end, struct error *err)
{
	struct buffer end = {0};
	struct reader reader;
	enum result result;

	*ret_end = 0;
	if (number == 0)
		return RESULT_OK;
	result = tail_read(
	    &spool->ends, (number - 1) * END_SIZE, END_SIZE, &end, err);
	reader = reader_of(buffer_view(&end));
	if (result == RESULT_OK)
		*ret_end = reader_u64(&reader);
	buffer_finish(&end);
	return result;
}

enum result spool_read(
    struct spool *spool, uint64_t number, struct buffer *to, struct error *err)
{
	uint64_t start;
	uint64_t end;
	enum result result;

	if (number == 0 || number > spool->count)
		return error_set(err, RESULT_NOT_FOUND,
		    "record %llu has not come", (unsigned long long)number);
	result = read_end(spool, number - 1, &start, err);
	if (result == RESULT_OK)
		result = read_end(spool, number, &end, err);
	if (result == RESULT_OK)
		result = tail_read(
		    &spool->records, start, (size_t)(end - start), to, err);
	return result;
}
