/*
 * faulty_disk: a file system under SQLite whose Nth access fails, that is full,
 * or that loses its power, for the tests of the ledger under faults.
 */
#ifndef TESTS_UNIT_SERVER_FAULTY_DISK_H
#define TESTS_UNIT_SERVER_FAULTY_DISK_H

#include "tests/unit/server/ledger_play.h"

/* --- the Nth access of the disk ------------------------------------------- */

enum access { ACCESS_READ, ACCESS_WRITE, ACCESS_SYNC, ACCESS_TRUNCATE };

/* An overwritten piece of a file, to be put back when the power goes. */
struct undo {
	struct undo *before;
	sqlite3_int64 offset;
	int size;
	sqlite3_int64 file_size;
	uint8_t bytes[];
};

/* Pages whose sync failed: the kernel shows them and thinks that they are
 * written, so that no later sync writes them. */
struct lost {
	struct lost *next;
	char name[128];
	struct undo *undo;
};

struct disk_file {
	sqlite3_file base;
	char name[128];
	struct disk_file *next;
	struct undo *undo; /* newest first; what is not synced */
	sqlite3_file *real;
};

static struct {
	sqlite3_vfs vfs;
	sqlite3_vfs *real;
	struct disk_file *files;
	struct lost *lost;
	enum access access;
	int code;	    /* what a failing access answers */
	unsigned countdown; /* 0: nothing fails */
	bool sticks;	    /* all that come after fail too */
	bool tears;	    /* half of a failing write arrives */
	bool loses_power;   /* keep undo lists */
	unsigned failed;
} disk;

static inline struct disk_file *disk_file(sqlite3_file *file)
{
	return (struct disk_file *)file;
}

static inline bool disk_fails(enum access access)
{
	if (access != disk.access || disk.countdown == 0)
		return false;
	if (disk.countdown > 1) {
		disk.countdown--;
		return false;
	}
	if (!disk.sticks)
		disk.countdown = 0;
	disk.failed++;
	return true;
}

static inline void free_undo(struct undo *undo)
{
	while (undo != NULL) {
		struct undo *before = undo->before;

		free(undo);
		undo = before;
	}
}

static inline void forget_undo(struct disk_file *file)
{
	free_undo(file->undo);
	file->undo = NULL;
}

static inline void lose(struct disk_file *file)
{
	struct lost *lost = calloc(1, sizeof(*lost));

	assert_non_null(lost);
	memcpy(lost->name, file->name, sizeof(lost->name));
	lost->undo = file->undo;
	file->undo = NULL;
	lost->next = disk.lost;
	disk.lost = lost;
}

static inline void remember(
    struct disk_file *file, sqlite3_int64 offset, int size)
{
	struct undo *undo = calloc(1, sizeof(*undo) + (size_t)size);

	assert_non_null(undo);
	file->real->pMethods->xFileSize(file->real, &undo->file_size);
	undo->offset = offset;
	undo->size = size;
	undo->before = file->undo;
	/* A short read is zeroes to the end, as beyond a file's end. */
	file->real->pMethods->xRead(file->real, undo->bytes, size, offset);
	file->undo = undo;
}

static inline int disk_close(sqlite3_file *base)
{
	struct disk_file *file = disk_file(base);
	struct disk_file **link = &disk.files;
	int code;

	while (*link != file)
		link = &(*link)->next;
	*link = file->next;
	forget_undo(file);
	code = file->real->pMethods->xClose(file->real);
	free(file->real);
	return code;
}

static inline int disk_read(
    sqlite3_file *base, void *to, int size, sqlite3_int64 offset)
{
	sqlite3_file *real = disk_file(base)->real;

	if (disk_fails(ACCESS_READ))
		return disk.code;
	return real->pMethods->xRead(real, to, size, offset);
}

static inline int disk_write(
    sqlite3_file *base, const void *bytes, int size, sqlite3_int64 offset)
{
	struct disk_file *file = disk_file(base);
	const sqlite3_io_methods *real = file->real->pMethods;

	if (disk.loses_power)
		remember(file, offset, size);
	if (!disk_fails(ACCESS_WRITE))
		return real->xWrite(file->real, bytes, size, offset);
	if (disk.tears)
		real->xWrite(file->real, bytes, size / 2, offset);
	return disk.code;
}

static inline int disk_truncate(sqlite3_file *base, sqlite3_int64 size)
{
	struct disk_file *file = disk_file(base);
	sqlite3_int64 now = 0;

	file->real->pMethods->xFileSize(file->real, &now);
	if (disk.loses_power && now > size)
		remember(file, size, (int)(now - size));
	if (disk_fails(ACCESS_TRUNCATE))
		return disk.code;
	return file->real->pMethods->xTruncate(file->real, size);
}

static inline int disk_sync(sqlite3_file *base, int flags)
{
	struct disk_file *file = disk_file(base);

	(void)flags;
	if (disk_fails(ACCESS_SYNC)) {
		if (disk.loses_power)
			lose(file);
		return disk.code;
	}
	/* Nothing is really synced: only the order matters to these tests. */
	forget_undo(file);
	return SQLITE_OK;
}

static inline int disk_size(sqlite3_file *base, sqlite3_int64 *ret_size)
{
	sqlite3_file *real = disk_file(base)->real;

	return real->pMethods->xFileSize(real, ret_size);
}

static inline int disk_lock(sqlite3_file *base, int lock)
{
	sqlite3_file *real = disk_file(base)->real;

	return real->pMethods->xLock(real, lock);
}

static inline int disk_unlock(sqlite3_file *base, int lock)
{
	sqlite3_file *real = disk_file(base)->real;

	return real->pMethods->xUnlock(real, lock);
}

static inline int disk_check_lock(sqlite3_file *base, int *ret_locked)
{
	sqlite3_file *real = disk_file(base)->real;

	return real->pMethods->xCheckReservedLock(real, ret_locked);
}

static inline int disk_control(sqlite3_file *base, int op, void *argument)
{
	sqlite3_file *real = disk_file(base)->real;

	return real->pMethods->xFileControl(real, op, argument);
}

static inline int disk_sector(sqlite3_file *base)
{
	sqlite3_file *real = disk_file(base)->real;

	return real->pMethods->xSectorSize(real);
}

static inline int disk_traits(sqlite3_file *base)
{
	sqlite3_file *real = disk_file(base)->real;

	return real->pMethods->xDeviceCharacteristics(real);
}

static inline int disk_shm_map(sqlite3_file *base, int region, int size,
    int extend, void volatile **ret_memory)
{
	sqlite3_file *real = disk_file(base)->real;

	return real->pMethods->xShmMap(real, region, size, extend, ret_memory);
}

static inline int disk_shm_lock(
    sqlite3_file *base, int offset, int count, int flags)
{
	sqlite3_file *real = disk_file(base)->real;

	return real->pMethods->xShmLock(real, offset, count, flags);
}

static inline void disk_shm_barrier(sqlite3_file *base)
{
	sqlite3_file *real = disk_file(base)->real;

	real->pMethods->xShmBarrier(real);
}

static inline int disk_shm_unmap(sqlite3_file *base, int is_deleted)
{
	sqlite3_file *real = disk_file(base)->real;

	return real->pMethods->xShmUnmap(real, is_deleted);
}

static const sqlite3_io_methods disk_methods = {
    .iVersion = 2,
    .xClose = disk_close,
    .xRead = disk_read,
    .xWrite = disk_write,
    .xTruncate = disk_truncate,
    .xSync = disk_sync,
    .xFileSize = disk_size,
    .xLock = disk_lock,
    .xUnlock = disk_unlock,
    .xCheckReservedLock = disk_check_lock,
    .xFileControl = disk_control,
    .xSectorSize = disk_sector,
    .xDeviceCharacteristics = disk_traits,
    .xShmMap = disk_shm_map,
    .xShmLock = disk_shm_lock,
    .xShmBarrier = disk_shm_barrier,
    .xShmUnmap = disk_shm_unmap,
};

static inline int disk_open(sqlite3_vfs *vfs, const char *name,
    sqlite3_file *base, int flags, int *ret_flags)
{
	struct disk_file *file = disk_file(base);
	int code;

	(void)vfs;
	memset(file, 0, sizeof(*file));
	file->real = calloc(1, (size_t)disk.real->szOsFile);
	if (file->real == NULL)
		return SQLITE_NOMEM;
	code = disk.real->xOpen(disk.real, name, file->real, flags, ret_flags);
	if (code != SQLITE_OK) {
		free(file->real);
		return code;
	}
	if (name != NULL)
		snprintf(file->name, sizeof(file->name), "%s", name);
	file->base.pMethods = &disk_methods;
	file->next = disk.files;
	disk.files = file;
	return SQLITE_OK;
}

static inline void use_disk(void)
{
	memset(&disk, 0, sizeof(disk));
	disk.real = sqlite3_vfs_find(NULL);
	disk.vfs = *disk.real;
	disk.vfs.zName = "disk";
	disk.vfs.szOsFile = sizeof(struct disk_file);
	disk.vfs.xOpen = disk_open;
	sqlite3_vfs_register(&disk.vfs, 1);
}

static inline void leave_disk(void)
{
	assert_null(disk.files);
	sqlite3_vfs_unregister(&disk.vfs);
	sqlite3_vfs_register(disk.real, 1);
}

#endif
