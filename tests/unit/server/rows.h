/*
 * rows: a store that has private rows and nothing else, for the tests of what
 * reads them.
 */
#ifndef TESTS_UNIT_SERVER_ROWS_H
#define TESTS_UNIT_SERVER_ROWS_H

#include "tests/support/check.h"

#include <stdlib.h>
#include <string.h>

#include "server/store.h"

#define ROWS_MAX 64u
#define ROW_BODY_SIZE_MAX 256u

struct rows {
	struct store store;
	bool is_broken;
	size_t count;
	struct {
		enum private_kind kind;
		uint64_t id;
		uint8_t body[ROW_BODY_SIZE_MAX];
		size_t size;
	} list[ROWS_MAX];
};

static inline enum result rows_visit(struct store *store,
    enum private_kind kind, store_private_fn *visit, void *context,
    struct error *err)
{
	const struct rows *rows = (const struct rows *)store;
	enum result result = RESULT_OK;

	if (rows->is_broken)
		return error_set(err, RESULT_IO, "the disk is gone");
	for (size_t i = 0; i < rows->count && result == RESULT_OK; i++) {
		struct store_private row = {.kind = kind,
		    .id = rows->list[i].id,
		    .body = bytes_of(rows->list[i].body, rows->list[i].size)};

		if (rows->list[i].kind == kind)
			result = visit(context, &row, err);
	}
	return result;
}

static const struct store_ops rows_ops = {.privates = rows_visit};

static inline void rows_add(
    struct rows *rows, enum private_kind kind, uint64_t id, struct bytes body)
{
	assert_true(rows->count < ROWS_MAX && body.size <= ROW_BODY_SIZE_MAX);
	rows->store.ops = &rows_ops;
	rows->list[rows->count].kind = kind;
	rows->list[rows->count].id = id;
	rows->list[rows->count].size = body.size;
	if (body.size != 0)
		memcpy(rows->list[rows->count].body, body.data, body.size);
	rows->count++;
}

#endif
