/*
 * token: the one-time text that lets a new terminal in.
 *
 * "tally1-" and the base32 (RFC 4648 letters, lower case, no padding) of 16
 * secret bytes, the SHA-256 of the authority's certificate, and 4 check bytes
 * (the start of the SHA-256 of the 48 bytes before them): 91 characters. A
 * token that was mistyped is told from one that is wrong. Pure.
 */
#ifndef PROTO_TOKEN_H
#define PROTO_TOKEN_H

#include "common/base/hash.h"
#include "common/base/limits.h"

#define TOKEN_SECRET_SIZE 16u

struct token {
	uint8_t secret[TOKEN_SECRET_SIZE];
	struct hash authority_pin;
};

enum result token_format(const struct token *token,
    char ret_text[TOKEN_SIZE_MAX + 1], struct error *err);
/* White space around it and upper case are forgiven. RESULT_INVALID says
 * what is wrong with it ("mistyped: …"). */
enum result token_parse(
    const char *text, struct token *ret_token, struct error *err);

#endif
