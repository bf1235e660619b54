/*
 * place: temporary folders, and the build folder.
 */
#include "tests/support/place.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/process.h"

static void die(const char *what)
{
	perror(what);
	exit(99);
}

void place_make(struct place *place)
{
	const char *parent = getenv("TMPDIR");

	if (parent == NULL || strlen(parent) > PLACE_PATH_SIZE / 2)
		parent = "/tmp";
	(void)snprintf(
	    place->path, sizeof(place->path), "%s/tally-test-XXXXXX", parent);
	if (mkdtemp(place->path) == NULL)
		die(place->path);
	/* Some tests let another user look. */
	(void)chmod(place->path, 0755);
}

static int remove_item(
    const char *path, const struct stat *status, int flag, struct FTW *walk)
{
	(void)status;
	(void)flag;
	(void)walk;
	return remove(path);
}

void place_remove(struct place *place)
{
	if (place->path[0] != '\0')
		(void)nftw(place->path, remove_item, 16, FTW_DEPTH | FTW_PHYS);
	place->path[0] = '\0';
}

static void join(const char *folder, const char *name, char *ret_path)
{
	int size = snprintf(ret_path, PLACE_PATH_SIZE, "%s/%s", folder, name);

	if (size < 0 || (size_t)size >= PLACE_PATH_SIZE)
		die("a path that is too long");
}

void place_join(
    const struct place *place, const char *name, char ret_path[PLACE_PATH_SIZE])
{
	join(place->path, name, ret_path);
}

void place_copy(const char *from, const char *to)
{
	const char *arguments[] = {"/bin/cp", "-a", from, to, NULL};
	struct finished finished;

	process_run(arguments, &finished);
	if (finished.status != 0)
		die(to);
}

void build_path(const char *name, char ret_path[PLACE_PATH_SIZE])
{
	char self[PLACE_PATH_SIZE];
	ssize_t size = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (size < 0)
		die("/proc/self/exe");
	self[size] = '\0';
	/* BUILD/tests/ROOM/test_x */
	for (int up = 0; up < 3; up++)
		*strrchr(self, '/') = '\0';
	join(self, name, ret_path);
}

bool is_short(void)
{
	const char *value = getenv("SHORT");

	return value != NULL && value[0] != '\0' && strcmp(value, "0") != 0;
}
