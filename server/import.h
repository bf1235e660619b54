/*
 * import: opening balances out of a CSV file. Pure: bytes in, rows out.
 * Above: command. Below: card, calendar, details.
 *
 *     card,points[,expires[,name[,birthday]]]
 *     2912345678906,150,2027-12-31,"Family, Given",03-14
 *
 * A line a card, in UTF-8, at most IMPORT_LINE_SIZE_MAX bytes, ended by LF or
 * CR LF. The card is what a scanner would send (card.h). Points are whole, 0 to
 * POINTS_MAX. `expires` is their last day; empty: as the programme has it.
 * `birthday` is a month and a day. Blanks around a field mean nothing; a field
 * may stand in double quotes as in RFC 4180 section 2, but on one line, and has
 * to where its last character is a blank, as Code 39's check may be. Empty
 * lines and lines that start with '#' are passed over, and so is the first of
 * the others where it names the columns, in this order and in any letters; one
 * that starts with "card" and names them otherwise is a fault.
 */
#ifndef SERVER_IMPORT_H
#define SERVER_IMPORT_H

#include "common/base/hash.h"
#include "common/base/limits.h"

struct import;

struct import_row {
	uint32_t line;		      /* of the file, from 1 */
	char card[CARD_SIZE_MAX + 1]; /* canonical */
	uint64_t points;
	int32_t expiry_day;	      /* 0: by the programme */
	char name[NAME_SIZE_MAX + 1]; /* may be empty */
	uint16_t birthday;	      /* MMDD; 0: none */
};

/*
 * Take a file's text over (`text` is empty afterwards, whatever comes of it)
 * and find its lines and the cards that come twice. A fault of a line is told
 * by import_row() alone. RESULT_LIMIT for too many lines; RESULT_NO_MEMORY.
 */
enum result import_create(struct buffer *text, struct hasher *hasher,
    struct import **ret_import, struct error *err);
void import_destroy(struct import *import);

/* SHA-256 of the text. */
const struct hash *import_hash(const struct import *import);
/* Lines that say something. */
size_t import_row_count(const struct import *import);
/* The first row that stands on `line` or below; import_row_count() where there
 * is none. */
size_t import_row_from(const struct import *import, uint32_t line);
uint32_t import_row_line(const struct import *import, size_t index);
/* RESULT_INVALID says what is wanted, in at most SAY_SIZE_MAX bytes, without
 * the line's number. */
enum result import_row(const struct import *import, size_t index,
    struct import_row *ret_row, struct error *err);

#endif
