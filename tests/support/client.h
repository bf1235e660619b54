/*
 * client: a till without a till: a raw link that a test speaks through.
 */
#ifndef TESTS_SUPPORT_CLIENT_H
#define TESTS_SUPPORT_CLIENT_H

#include "proto/link.h"
#include "tests/support/fixture.h"

struct client {
	char folder[PLACE_PATH_SIZE];
	struct identity identity;
	struct link *link; /* NULL while it is not connected */
	uint64_t counter;  /* the last one used */
	tally_Request request;
	tally_Reply reply;
	struct error err;
};

/* Enrol as "till" or "auditor" into PLACE/`name`. */
void client_enrol(struct fixture *fixture, const char *role, const char *name,
    struct client *ret_client);
/* Connect and say hello. */
enum result client_connect(struct client *client);
void client_close(struct client *client);
void client_finish(struct client *client);

/* Fill in the request: zero but for its body's kind. */
tally_Request *client_request(struct client *client, pb_size_t which);
/* A name: this counter, and random bytes that follow from it. */
void client_name(
    uint64_t counter, bool *ret_has, tally_Operation *ret_operation);
void client_fill_enrol(
    struct client *client, uint64_t counter, const char *card);
void client_fill_earn(struct client *client, uint64_t counter, const char *card,
    uint64_t amount_minor);
/* Ask and wait; the refusal's code, 0, or -1 where the link broke. */
int client_ask(struct client *client);
/* Enrol the card, which must go well. */
void client_member(struct client *client, const char *card);
/* Its balance, which must be told. */
int64_t client_balance(struct client *client, const char *card);

/* The n-th EAN-13 with prefix 29. */
void card_number(uint64_t n, char ret_number[14]);

#endif
