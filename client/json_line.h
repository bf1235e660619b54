/*
 * json_line: what json_put.c, json_reply.c and json_write.c share, which write
 * lines; for nobody else.
 */
#ifndef CLIENT_JSON_LINE_H
#define CLIENT_JSON_LINE_H

#include "client/json.h"

/* --- json_put.c: the pieces ----------------------------------------------- */

/* A line on its way. It is taken back as a whole where memory runs out. */
struct json_line {
	struct buffer *output;
	size_t start;
	bool failed;
	bool comma; /* a field or element stands before the next one */
};

struct json_line json_begin_line(struct buffer *output);
void json_end_line(struct json_line *line);
/* `bracket` is one of { [ and their ends. */
void json_open_group(struct json_line *line, const char *bracket);
void json_close_group(struct json_line *line, const char *bracket);
void json_put_comma(struct json_line *line);
void json_put_text(struct json_line *line, struct bytes text);
void json_put_count(struct json_line *line, uint64_t number);
void json_put_key(struct json_line *line, const char *key);
void json_set_text(struct json_line *line, const char *key, const char *text);
void json_set_number(struct json_line *line, const char *key, int64_t number);
void json_set_count(struct json_line *line, const char *key, uint64_t number);
/* Nothing where it is 0. */
void json_set_some(struct json_line *line, const char *key, uint64_t number);
void json_set_bool(struct json_line *line, const char *key, bool value);
/* An id is kept as JSON text, so that it comes back as it was given. */
void json_set_id(struct json_line *line, const char *id);
void json_set_hash(struct json_line *line, const char *key, struct bytes hash);
void json_set_hashes(
    struct json_line *line, const char *key, struct bytes hashes);

/* --- json_reply.c: what the server said ----------------------------------- */

/* The fields of a result that is done. */
void json_set_done(struct json_line *line, const struct till_result *result);
/* The figures that belong to a refusal's code. */
void json_set_figures(struct json_line *line, const struct refusal *refusal);

#endif
