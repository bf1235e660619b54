/*
 * outbox_world: a folder with an outbox, on a disk that can fail: a file system
 * under SQLite that fails at its Nth write or sync. A test program includes it
 * once.
 */
#ifndef TESTS_UNIT_CLIENT_OUTBOX_WORLD_H
#define TESTS_UNIT_CLIENT_OUTBOX_WORLD_H

#include "tests/support/check.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/outbox.h"

/* Not every test program needs all of it. */
#pragma GCC diagnostic ignored "-Wunused-function"

/* --- a disk that fails ---------------------------------------------------- */

static struct {
	sqlite3_vfs vfs;
	sqlite3_vfs *real;
	int steps_left; /* writes, truncations and syncs before one fails */
	bool syncs_only;
	int syncs; /* counted */
	bool failed;
} disk;

struct disk_file {
	sqlite3_file base;
	sqlite3_io_methods methods;
	sqlite3_file *real;
};

static bool disk_fails(bool is_sync)
{
	if (is_sync)
		disk.syncs++;
	if (disk.steps_left < 0 || (disk.syncs_only && !is_sync))
		return false;
	if (disk.steps_left-- > 0)
		return false;
	disk.steps_left = -1;
	disk.failed = true;
	return true;
}

static sqlite3_file *real_of(sqlite3_file *file)
{
	return ((struct disk_file *)file)->real;
}

static int disk_close(sqlite3_file *file)
{
	int code = real_of(file)->pMethods->xClose(real_of(file));

	free(real_of(file));
	return code;
}

static int disk_read(
    sqlite3_file *file, void *to, int size, sqlite3_int64 offset)
{
	return real_of(file)->pMethods->xRead(real_of(file), to, size, offset);
}

static int disk_write(
    sqlite3_file *file, const void *from, int size, sqlite3_int64 offset)
{
	if (disk_fails(false))
		return SQLITE_FULL;
	return real_of(file)->pMethods->xWrite(
	    real_of(file), from, size, offset);
}

static int disk_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	if (disk_fails(false))
		return SQLITE_IOERR_TRUNCATE;
	return real_of(file)->pMethods->xTruncate(real_of(file), size);
}

static int disk_sync(sqlite3_file *file, int flags)
{
	if (disk_fails(true))
		return SQLITE_IOERR_FSYNC;
	return real_of(file)->pMethods->xSync(real_of(file), flags);
}

static int disk_size(sqlite3_file *file, sqlite3_int64 *ret_size)
{
	return real_of(file)->pMethods->xFileSize(real_of(file), ret_size);
}

static int disk_lock(sqlite3_file *file, int level)
{
	return real_of(file)->pMethods->xLock(real_of(file), level);
}

static int disk_unlock(sqlite3_file *file, int level)
{
	return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int disk_reserved(sqlite3_file *file, int *ret_reserved)
{
	return real_of(file)->pMethods->xCheckReservedLock(
	    real_of(file), ret_reserved);
}

static int disk_control(sqlite3_file *file, int what, void *argument)
{
	return real_of(file)->pMethods->xFileControl(
	    real_of(file), what, argument);
}

static int disk_sector(sqlite3_file *file)
{
	return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int disk_traits(sqlite3_file *file)
{
	return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int disk_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file,
    int flags, int *ret_flags)
{
	struct disk_file *opened = (struct disk_file *)file;
	int code;

	(void)vfs;
	memset(opened, 0, sizeof *opened);
	opened->real = calloc(1, (size_t)disk.real->szOsFile);
	assert_non_null(opened->real);
	code =
	    disk.real->xOpen(disk.real, name, opened->real, flags, ret_flags);
	if (code != SQLITE_OK) {
		free(opened->real);
		return code;
	}
	/* Version 1 methods have no shared memory: the outbox needs none. */
	opened->methods = (sqlite3_io_methods){1, disk_close, disk_read,
	    disk_write, disk_truncate, disk_sync, disk_size, disk_lock,
	    disk_unlock, disk_reserved, disk_control, disk_sector, disk_traits};
	opened->base.pMethods = &opened->methods;
	return SQLITE_OK;
}

static void disk_install(void)
{
	disk.real = sqlite3_vfs_find(NULL);
	disk.vfs = *disk.real;
	disk.vfs.zName = "disk";
	disk.vfs.szOsFile = sizeof(struct disk_file);
	disk.vfs.xOpen = disk_open;
	disk.vfs.pNext = NULL;
	disk.steps_left = -1;
	assert_int_equal(sqlite3_vfs_register(&disk.vfs, 1), SQLITE_OK);
}

/* --- a folder for each test ----------------------------------------------- */

static char folder[64];

static int make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/outbox-XXXXXX");
	assert_non_null(mkdtemp(folder));
	disk.steps_left = -1;
	disk.syncs_only = false;
	disk.failed = false;
	return 0;
}

static int remove_folder(void **state)
{
	char command[128];

	(void)state;
	disk.steps_left = -1;
	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	return system(command) == 0 ? 0 : 1;
}

static const char *database_path(void)
{
	static char path[128];

	snprintf(path, sizeof path, "%s/outbox.db", folder);
	return path;
}

static struct outbox *open_it(void)
{
	struct outbox *outbox = NULL;
	struct error err = {0};

	if (outbox_open(folder, &outbox, &err) != RESULT_OK)
		fail_msg("open: %s", err.text);
	return outbox;
}

static struct operation sale(uint64_t amount_minor)
{
	struct operation operation = {
	    .kind = OPERATION_EARN,
	    .card = "2912345678906",
	    .amount_minor = amount_minor,
	    .receipt = "A-17",
	    .id = "\"till-7\"",
	    .has_ticket = true,
	    .ticket = {9, 8, 7},
	    .created_ms = 1700000000123,
	};

	return operation;
}

static struct operation put(struct outbox *outbox, uint64_t amount_minor)
{
	struct operation operation = sale(amount_minor);
	struct error err = {0};

	if (outbox_put(outbox, &operation, &err) != RESULT_OK)
		fail_msg("put: %s", err.text);
	return operation;
}

static void assert_same(const struct operation *a, const struct operation *b)
{
	uint8_t bodies[2][OPERATION_SIZE_MAX];

	assert_true(bytes_equal(
	    operation_encode(a, bodies[0]), operation_encode(b, bodies[1])));
}

#endif
