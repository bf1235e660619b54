/*
 * directory: whose card is whose, and who has a birthday when.
 * Above: command. Below: details, store's private rows.
 *
 * A card number leads to the member's account and, of a further card, to its
 * random number in the chain. Birthdays are here because a sale asks for them
 * and is not to read a row. In memory a card takes about 40 bytes, a birthday
 * 24. One thread owns a directory.
 */
#ifndef SERVER_DIRECTORY_H
#define SERVER_DIRECTORY_H

#include "server/details.h"

struct directory;

enum result directory_create(
    struct directory **ret_directory, struct error *err);
void directory_destroy(struct directory *directory);
/* Read all rows in; what was there before is forgotten. RESULT_CORRUPT. */
enum result directory_load(
    struct directory *directory, struct store *store, struct error *err);

/* Whose a card is. */
struct directory_card {
	uint64_t account; /* 0: nobody's */
	uint64_t card;	  /* a further one's number in the chain; 0: that of
			     the enrolment */
};

/* By its canonical number (card.h). */
struct directory_card directory_look(
    const struct directory *directory, const char *number);
/* The account alone, 0 where there is none. */
uint64_t directory_find(const struct directory *directory, const char *number);

/* RESULT_EXISTS where it is somebody's already. */
enum result directory_add(struct directory *directory, const char *number,
    struct directory_card card, struct error *err);

/* MMDD; 0 where none is known. Setting 0 takes it away. */
uint16_t directory_birthday(
    const struct directory *directory, uint64_t account);
enum result directory_set_birthday(struct directory *directory,
    uint64_t account, uint16_t birthday, struct error *err);

#endif
