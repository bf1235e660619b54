/*
 * command_side: what must not hold up the ledger's thread: scrypt, long reads
 * for auditors, and files.
 */
#include <string.h>

#include "common/base/clock.h"
#include "common/base/crypto.h"
#include "server/command_inside.h"

bool command_is_side(const tally_Request *request)
{
	switch (request->which_body) {
	case tally_Request_entries_tag:
	case tally_Request_login_tag:
	case tally_Request_cashier_add_tag:
	case tally_Request_import_cards_tag:
		return true;
	case tally_Request_adjust_tag:
		return request->body.adjust.second_pin[0] != '\0';
	default:
		return false;
	}
}

/* --- PINs -------------------------------------------------------------------
 */

/* The PIN in a request, and whose it is said to be. */
struct asked_pin {
	char *pin;
	size_t size;
	uint32_t cashier;
};

static struct asked_pin pin_of(tally_Request *request)
{
	if (request->which_body == tally_Request_login_tag)
		return (struct asked_pin){request->body.login.pin,
		    sizeof(request->body.login.pin),
		    request->body.login.cashier};
	return (struct asked_pin){request->body.adjust.second_pin,
	    sizeof(request->body.adjust.second_pin),
	    request->body.adjust.second};
}

/* A cashier who is locked out costs no scrypt: the ledger's thread refuses. */
static bool take_salt(struct shop *shop, uint32_t number, struct job *job)
{
	struct roster_cashier cashier;

	if (roster_cashier(shop->roster, number, &cashier, NULL) != RESULT_OK ||
	    cashier.locked_until_ms > clock_wall_ms())
		return false;
	memcpy(job->pin_salt, cashier.salt, sizeof(job->pin_salt));
	return true;
}

/* A new cashier's; the request's own PIN is looked at again for its form. */
static void hash_new_pin(struct job *job)
{
	crypto_random(job->pin_salt, sizeof(job->pin_salt));
	job->pin_is_hashed =
	    crypto_pin_hash(bytes_of_string(job->request.body.cashier_add.pin),
		job->pin_salt, job->pin_hash, NULL) == RESULT_OK;
}

static void hash_asked_pin(struct shop *shop, struct job *job)
{
	struct asked_pin asked = pin_of(&job->request);

	if (!take_salt(shop, asked.cashier, job))
		return;
	job->pin_is_hashed =
	    crypto_pin_hash(bytes_of_string(asked.pin), job->pin_salt,
		job->pin_hash, NULL) == RESULT_OK;
	if (job->pin_is_hashed)
		crypto_wipe(asked.pin, asked.size);
}

/* --- entries
 * ------------------------------------------------------------------------ */

/* Pieces of the stream of (size u16, record), cut at the size of a chunk. */
struct stream {
	struct job *job;
	tally_EntriesReply *piece; /* being filled */
	uint32_t chunks_left;
	uint64_t sequence; /* of the record being written … */
	uint32_t offset;   /* … and how much of it has been */
	bool full;
};

/* The piece is as full as it gets: a reply of its own. */
static enum result stream_flush(
    struct stream *stream, bool more, struct error *err)
{
	enum result result;

	stream->piece->sequence = stream->sequence;
	stream->piece->offset = stream->offset;
	stream->piece->more = more;
	result = message_append_reply(
	    &stream->job->frames, &stream->job->reply, err);
	stream->piece->records.size = 0;
	return result;
}

/* Write what is left of one record into pieces, as far as they go. */
static enum result stream_write(
    struct stream *stream, struct bytes framed, struct error *err)
{
	while (stream->offset < framed.size) {
		size_t room =
		    ENTRIES_CHUNK_SIZE_MAX - stream->piece->records.size;
		size_t left = framed.size - stream->offset;
		size_t take = left < room ? left : room;
		enum result result;

		if (room == 0 && stream->chunks_left == 1) {
			stream->full = true;
			return RESULT_OK;
		}
		if (room == 0) {
			stream->chunks_left--;
			result = stream_flush(stream, true, err);
			if (result != RESULT_OK)
				return result;
			continue;
		}
		memcpy(
		    stream->piece->records.bytes + stream->piece->records.size,
		    framed.data + stream->offset, take);
		stream->piece->records.size += (pb_size_t)take;
		stream->offset += (uint32_t)take;
	}
	stream->sequence++;
	stream->offset = 0;
	return RESULT_OK;
}

static enum result visit_record(void *context, uint64_t sequence,
    uint32_t terminal, uint64_t counter, struct bytes record, struct error *err)
{
	struct stream *stream = context;
	uint8_t framed[2 + ENTRY_SIZE_MAX];
	struct writer writer = writer_of(framed, sizeof(framed));
	enum result result;

	(void)terminal;
	(void)counter;
	if (sequence != stream->sequence || record.size > ENTRY_SIZE_MAX)
		return error_set(err, RESULT_CORRUPT,
		    "entry %llu is not where it should be",
		    (unsigned long long)stream->sequence);
	writer_u16(&writer, (uint16_t)record.size);
	writer_bytes(&writer, record);
	if (stream->offset > writer.size)
		return error_set(err, RESULT_INVALID, "no record is that long");
	result = stream_write(stream, writer_view(&writer), err);
	if (result == RESULT_OK && stream->full)
		return error_set(err, RESULT_LIMIT, "enough for one request");
	return result;
}

static enum result read_entries(
    struct store *reader, struct job *job, struct error *err)
{
	const tally_GetEntries *wanted = &job->request.body.entries;
	tally_EntriesReply *piece = &job->reply.body.entries;
	struct stream stream = {.job = job,
	    .piece = piece,
	    .chunks_left = wanted->chunks,
	    .sequence = wanted->sequence,
	    .offset = wanted->offset};
	struct store_head head;
	enum result result = reader->ops->head(reader, &head, err);

	if (result != RESULT_OK)
		return result;
	if (wanted->sequence == 0 || wanted->chunks == 0 ||
	    wanted->chunks > ENTRIES_CHUNKS_MAX)
		return error_set(err, RESULT_INVALID,
		    "Entries start at 1, and come in 1 to %u replies.",
		    ENTRIES_CHUNKS_MAX);
	job->reply.id = job->request.id;
	job->reply.which_body = tally_Reply_entries_tag;
	piece->records.size = 0;
	piece->head = head.sequence;
	result = reader->ops->scan(
	    reader, wanted->sequence, visit_record, &stream, err);
	if (result != RESULT_OK && !stream.full)
		return result;
	result = stream_flush(&stream, false, err);
	job->end = JOB_FRAMES;
	return result;
}

bool command_side(struct shop *shop, struct store *reader, struct job *job)
{
	struct refusal refusal = {.code = REFUSAL_MALFORMED};
	struct error error;
	enum result result;

	/* Refused by the ledger's thread, and not worth any work here. */
	if (!command_is_for(&job->request, job->caller.peer.role))
		return true;
	switch (job->request.which_body) {
	case tally_Request_import_cards_tag:
		command_import_read(shop, &job->request.body.import_cards);
		return true;
	case tally_Request_cashier_add_tag:
		hash_new_pin(job);
		return true;
	case tally_Request_login_tag:
	case tally_Request_adjust_tag:
		hash_asked_pin(shop, job);
		return true;
	default:
		break;
	}
	result = read_entries(reader, job, &error);
	if (result == RESULT_OK)
		return false;
	if (result != RESULT_INVALID)
		refusal.code = REFUSAL_STORAGE;
	job->frames.size = 0;
	job->end = JOB_REPLY;
	job->reply.id = job->request.id;
	command_copy_text(refusal.say, sizeof(refusal.say), error.text);
	message_set_refusal(&job->reply, &refusal);
	return false;
}
