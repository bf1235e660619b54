/*
 * place: a folder of its own for a test, and where the programs are.
 */
#ifndef TESTS_SUPPORT_PLACE_H
#define TESTS_SUPPORT_PLACE_H

#include <stdbool.h>
#include <stddef.h>

#define PLACE_PATH_SIZE 512u

struct place {
	char path[PLACE_PATH_SIZE];
};

/* A new folder below $TMPDIR or /tmp. Ends the program where it cannot. */
void place_make(struct place *place);
/* With everything in it. Harmless for one that is all zero. */
void place_remove(struct place *place);
/* `place`/`name` into `ret_path`. */
void place_join(const struct place *place, const char *name,
    char ret_path[PLACE_PATH_SIZE]);
/* As `cp -a FROM TO`, for folders without folders' links. */
void place_copy(const char *from, const char *to);

/* BUILD/`name`: the folder is found from this program's own path. */
void build_path(const char *name, char ret_path[PLACE_PATH_SIZE]);
/* True where the environment has SHORT: sanitizers make everything slow. */
bool is_short(void);

#endif
