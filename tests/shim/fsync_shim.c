/*
 * fsync_shim: a disk whose syncs fail, for LD_PRELOAD.
 *
 * TALLY_SYNC_FLAG=PATH: every fsync and fdatasync fails with EIO while PATH is
 * there. TALLY_SYNC_FAIL_AT=N: so does the Nth call, and all after it.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

int fsync(int file);
int fdatasync(int file);

static int is_failing(void)
{
	static atomic_long calls;
	const char *flag = getenv("TALLY_SYNC_FLAG");
	const char *fail_at = getenv("TALLY_SYNC_FAIL_AT");
	long call = atomic_fetch_add(&calls, 1) + 1;

	if (flag != NULL && access(flag, F_OK) == 0)
		return 1;
	return fail_at != NULL && call >= atol(fail_at);
}

static int sync_or_fail(const char *name, int file)
{
	int (*real)(int);

	if (is_failing()) {
		errno = EIO;
		return -1;
	}
	*(void **)&real = dlsym(RTLD_NEXT, name);
	return real(file);
}

int fsync(int file)
{
	return sync_or_fail("fsync", file);
}

int fdatasync(int file)
{
	return sync_or_fail("fdatasync", file);
}
