/*
 * details: rows of members, one form each, and what is hashed of them.
 */
#include "server/details.h"

#include <string.h>

#define ROW_VERSION 1u

bool birthday_is_good(uint32_t birthday)
{
	static const uint8_t days[] = {
	    31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	uint32_t month = birthday / 100;
	uint32_t day = birthday % 100;

	if (birthday == 0)
		return true;
	return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1];
}

/* --- texts within rows -----------------------------------------------------
 */

static void write_text(struct writer *writer, const char *text)
{
	struct bytes bytes = bytes_of_string(text);

	writer_u8(writer, (uint8_t)bytes.size);
	writer_bytes(writer, bytes);
}

/* False where it is none, or longer than `size_max`; `to` has room for its end
 * as well. */
static bool read_text(struct reader *reader, size_t size_max, char *to)
{
	size_t size = reader_u8(reader);
	struct bytes text = reader_bytes(reader, size);

	if (reader->failed || size > size_max ||
	    (size > 0 && memchr(text.data, 0, size) != NULL))
		return false;
	if (size > 0)
		memcpy(to, text.data, size);
	to[size] = '\0';
	return true;
}

/* --- the card of the enrolment ---------------------------------------------
 */

enum result card_row_decode(
    struct bytes body, struct card_row *ret_row, struct error *err)
{
	struct reader reader = reader_of(body);
	uint8_t version = reader_u8(&reader);
	struct card_row row;

	reader_copy(&reader, row.salt, sizeof(row.salt));
	if (!read_text(&reader, CARD_SIZE_MAX, row.number) ||
	    version != ROW_VERSION || row.number[0] == '\0' ||
	    reader_left(&reader) != 0)
		return error_set(err, RESULT_INVALID, "no such card row");
	*ret_row = row;
	return RESULT_OK;
}

struct bytes card_row_encode(
    const struct card_row *row, uint8_t ret_body[CARD_ROW_SIZE_MAX])
{
	struct writer writer = writer_of(ret_body, CARD_ROW_SIZE_MAX);

	writer_u8(&writer, ROW_VERSION);
	writer_bytes(&writer, bytes_of(row->salt, sizeof(row->salt)));
	write_text(&writer, row->number);
	return writer_view(&writer);
}

struct hash card_row_commitment(
    struct hasher *hasher, const struct card_row *row, uint64_t account)
{
	static const char domain[] = "tally card v1"; /* its NUL is hashed */
	uint8_t text[sizeof(domain) + 32 + 8 + CARD_SIZE_MAX];
	struct writer writer = writer_of(text, sizeof(text));

	writer_bytes(&writer, bytes_of(domain, sizeof(domain)));
	writer_bytes(&writer, bytes_of(row->salt, sizeof(row->salt)));
	writer_u64(&writer, account);
	writer_bytes(&writer, bytes_of_string(row->number));
	return hash_plain(hasher, writer_view(&writer));
}

/* --- further cards ----------------------------------------------------------
 */

enum result more_card_row_decode(
    struct bytes body, struct more_card_row *ret_row, struct error *err)
{
	struct reader reader = reader_of(body);
	uint8_t version = reader_u8(&reader);
	struct more_card_row row;

	reader_copy(&reader, row.salt, sizeof(row.salt));
	row.account = reader_u64(&reader);
	if (!read_text(&reader, CARD_SIZE_MAX, row.number) ||
	    version != ROW_VERSION || row.number[0] == '\0' ||
	    row.account == 0 || reader_left(&reader) != 0)
		return error_set(
		    err, RESULT_INVALID, "no such row of a further card");
	*ret_row = row;
	return RESULT_OK;
}

struct bytes more_card_row_encode(
    const struct more_card_row *row, uint8_t ret_body[MORE_CARD_ROW_SIZE_MAX])
{
	struct writer writer = writer_of(ret_body, MORE_CARD_ROW_SIZE_MAX);

	writer_u8(&writer, ROW_VERSION);
	writer_bytes(&writer, bytes_of(row->salt, sizeof(row->salt)));
	writer_u64(&writer, row->account);
	write_text(&writer, row->number);
	return writer_view(&writer);
}

struct hash more_card_row_commitment(
    struct hasher *hasher, const struct more_card_row *row, uint64_t card)
{
	static const char domain[] = "tally more card v1";
	uint8_t text[sizeof(domain) + 32 + 8 + 8 + CARD_SIZE_MAX];
	struct writer writer = writer_of(text, sizeof(text));

	writer_bytes(&writer, bytes_of(domain, sizeof(domain)));
	writer_bytes(&writer, bytes_of(row->salt, sizeof(row->salt)));
	writer_u64(&writer, row->account);
	writer_u64(&writer, card);
	writer_bytes(&writer, bytes_of_string(row->number));
	return hash_plain(hasher, writer_view(&writer));
}

/* --- who it is --------------------------------------------------------------
 */

enum result member_row_decode(
    struct bytes body, struct member_row *ret_row, struct error *err)
{
	struct reader reader = reader_of(body);
	uint8_t version = reader_u8(&reader);
	struct member_row row;
	bool is_good;

	reader_copy(&reader, row.salt, sizeof(row.salt));
	is_good = read_text(&reader, NAME_SIZE_MAX, row.name) &&
		  read_text(&reader, PHONE_SIZE_MAX, row.phone);
	row.birthday = reader_u16(&reader);
	if (!is_good || reader.failed || version != ROW_VERSION ||
	    !birthday_is_good(row.birthday) || reader_left(&reader) != 0)
		return error_set(
		    err, RESULT_INVALID, "no such row of a member's details");
	*ret_row = row;
	return RESULT_OK;
}

/* What is kept of the details is what is hashed of them. */
static void write_details(struct writer *writer, const struct member_row *row)
{
	write_text(writer, row->name);
	write_text(writer, row->phone);
	writer_u16(writer, row->birthday);
}

struct bytes member_row_encode(
    const struct member_row *row, uint8_t ret_body[MEMBER_ROW_SIZE_MAX])
{
	struct writer writer = writer_of(ret_body, MEMBER_ROW_SIZE_MAX);

	writer_u8(&writer, ROW_VERSION);
	writer_bytes(&writer, bytes_of(row->salt, sizeof(row->salt)));
	write_details(&writer, row);
	return writer_view(&writer);
}

struct hash member_row_commitment(
    struct hasher *hasher, const struct member_row *row, uint64_t account)
{
	static const char domain[] = "tally member v1";
	uint8_t text[sizeof(domain) + 8 + MEMBER_ROW_SIZE_MAX];
	struct writer writer = writer_of(text, sizeof(text));

	writer_bytes(&writer, bytes_of(domain, sizeof(domain)));
	writer_bytes(&writer, bytes_of(row->salt, sizeof(row->salt)));
	writer_u64(&writer, account);
	write_details(&writer, row);
	return hash_plain(hasher, writer_view(&writer));
}
