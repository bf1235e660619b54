/*
 * file_map: a whole file as bytes, however large; "-" is standard input.
 */
#ifndef SERVER_TALLY_FILE_MAP_H
#define SERVER_TALLY_FILE_MAP_H

#include "common/base/bytes.h"

struct file_map {
	struct bytes bytes;
	struct buffer read; /* what cannot be mapped */
	bool is_mapped;
};

/* RESULT_NOT_FOUND, RESULT_IO, RESULT_NO_MEMORY. The caller closes it. */
enum result file_map_open(
    const char *path, struct file_map *ret_map, struct error *err);
void file_map_close(struct file_map *map);

#endif
