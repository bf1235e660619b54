/*
 * remote: owns the walk along a server's stream of records.
 *
 * Entries come by credit: each request names the first record wanted and how
 * many replies at most, so that a slow auditor holds nothing up. A reply ends
 * anywhere, also inside a record; the cursor in it says where.
 */
#include "server/tally/remote.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "proto/identity.h"
#include "proto/link.h"
#include "server/tally/spool.h"

#define CONNECT_MS 15000u
#define ANSWER_MS 30000u
#define PROGRESS_MS 100u
#define SIZE_SIZE 2u /* bytes before each record */

struct remote {
	const struct remote_source *source;
	const struct remote_visitor *visitor;
	struct link *link;
	struct buffer stream; /* what came and is no whole record yet */
	size_t taken;	      /* bytes of `stream` that are done with */
	uint64_t sequence;    /* of the next record */
	uint64_t head;	      /* 0 until the first reply */
	uint64_t progress_ms;
	tally_Reply reply;
};

static enum result refused(const tally_Reply *reply, struct error *err)
{
	struct refusal refusal;

	if (reply->which_body != tally_Reply_refusal_tag)
		return error_set(err, RESULT_INVALID,
		    "the server answered something else than was asked");
	message_refusal(reply, &refusal);
	return error_set(
	    err, RESULT_DENIED, "the server refused: %s", refusal.say);
}

/* --- its checkpoint ------------------------------------------------------- */

static enum result ask_checkpoint(struct remote *remote, struct error *err)
{
	const tally_CheckpointReply *checkpoint =
	    &remote->reply.body.checkpoint;
	tally_Request request = {.which_body = tally_Request_checkpoint_tag};
	enum result result =
	    link_call(remote->link, &request, ANSWER_MS, &remote->reply, err);

	if (result != RESULT_OK)
		return result;
	if (remote->reply.which_body != tally_Reply_checkpoint_tag)
		return refused(&remote->reply, err);
	return remote->visitor->note(remote->visitor->context,
	    bytes_of(checkpoint->note.bytes, checkpoint->note.size), err);
}

/* --- its entries ---------------------------------------------------------- */

static void show_progress(struct remote *remote)
{
	const struct remote_source *source = remote->source;
	uint64_t now_ms = clock_monotonic_ms();

	if (source->progress == NULL ||
	    now_ms - remote->progress_ms < PROGRESS_MS)
		return;
	remote->progress_ms = now_ms;
	source->progress(source->context, remote->sequence - 1, remote->head);
}

/* There are no columns beside it: its own name stands for them. */
static enum result take_record(
    struct remote *remote, struct bytes record, struct error *err)
{
	const struct remote_visitor *visitor = remote->visitor;
	struct entry entry = {.terminal = 0};

	(void)entry_decode(record, &entry, NULL);
	return visitor->record(visitor->context, remote->sequence++,
	    entry.terminal, entry.counter, record, err);
}

/* All whole records that have come, as far as the head that was named. */
static enum result take_records(struct remote *remote, struct error *err)
{
	enum result result = RESULT_OK;

	while (result == RESULT_OK && remote->sequence <= remote->head) {
		struct reader reader =
		    reader_of(bytes_of(remote->stream.data + remote->taken,
			remote->stream.size - remote->taken));
		size_t size = reader_u16(&reader);
		struct bytes record = reader_bytes(&reader, size);

		if (reader.failed)
			break;
		remote->taken += SIZE_SIZE + size;
		result = take_record(remote, record, err);
	}
	buffer_consume(&remote->stream, remote->taken);
	remote->taken = 0;
	return result;
}

static uint64_t last_wanted(const struct remote *remote, uint64_t head)
{
	uint64_t last = remote->source->last;

	return last != 0 && last < head ? last : head;
}

static enum result take_reply(struct remote *remote, struct error *err)
{
	const tally_EntriesReply *piece = &remote->reply.body.entries;
	enum result result =
	    link_receive(remote->link, ANSWER_MS, &remote->reply, err);

	if (result != RESULT_OK)
		return result;
	if (remote->reply.which_body != tally_Reply_entries_tag)
		return refused(&remote->reply, err);
	if (remote->head == 0)
		remote->head = last_wanted(remote, piece->head);
	result = buffer_append(&remote->stream,
	    bytes_of(piece->records.bytes, piece->records.size), err);
	if (result == RESULT_OK)
		result = take_records(remote, err);
	return result;
}

/*
 * One request and all its replies. The cursor is our own, from what came, so
 * that a server which says another cannot make us skip anything.
 * `*ret_moved` is false where nothing came: its entries are at their end.
 */
static enum result ask_entries(
    struct remote *remote, bool *ret_moved, struct error *err)
{
	tally_Request request = {.which_body = tally_Request_entries_tag};
	uint64_t sequence = remote->sequence;
	size_t offset = remote->stream.size;
	unsigned replies = 0;
	enum result result;

	*ret_moved = false;
	request.body.entries.sequence = sequence;
	request.body.entries.offset = (uint32_t)offset;
	request.body.entries.chunks = ENTRIES_CHUNKS_MAX;
	result = link_send(remote->link, &request, err);
	if (result != RESULT_OK)
		return result;
	/* A server that goes on and on, or has nothing, is not waited for. */
	do {
		result = take_reply(remote, err);
		if (result == RESULT_OK && remote->head == 0)
			return RESULT_OK;
		if (++replies > ENTRIES_CHUNKS_MAX && result == RESULT_OK)
			return error_set(err, RESULT_INVALID,
			    "the server sends more than was asked for");
	} while (result == RESULT_OK && remote->reply.body.entries.more);
	*ret_moved =
	    remote->sequence != sequence || remote->stream.size != offset;
	show_progress(remote);
	return result;
}

static enum result walk(struct remote *remote, struct error *err)
{
	bool has_moved = true;
	enum result result = RESULT_OK;

	if (remote->visitor->note != NULL)
		result = ask_checkpoint(remote, err);
	while (result == RESULT_OK && has_moved &&
	       (remote->head == 0 || remote->sequence <= remote->head))
		result = ask_entries(remote, &has_moved, err);
	return result;
}

/* --- the whole ------------------------------------------------------------ */

static enum result connect_to(
    struct remote *remote, const struct identity *identity, struct error *err)
{
	const char *address = remote->source->address;
	tally_HelloReply hello;
	enum result result =
	    link_open_tls(address == NULL ? identity->address : address,
		identity->context, CONNECT_MS, &remote->link, err);

	if (result == RESULT_OK)
		result = link_hello(remote->link, 0, &hello, err);
	return result;
}

static enum result run(struct remote *remote, struct error *err)
{
	struct identity identity;
	enum result result =
	    identity_load(remote->source->identity, &identity, err);

	if (result != RESULT_OK)
		return result;
	result = connect_to(remote, &identity, err);
	if (result == RESULT_OK)
		result = walk(remote, err);
	link_close(remote->link);
	identity_finish(&identity);
	return result;
}

enum result remote_scan(const struct remote_source *source,
    const struct remote_visitor *visitor, struct error *err)
{
	struct remote *remote = calloc(1, sizeof(*remote));
	enum result result;

	if (remote == NULL)
		return error_no_memory(err);
	remote->source = source;
	remote->visitor = visitor;
	remote->sequence = 1;
	result = run(remote, err);
	buffer_finish(&remote->stream);
	free(remote);
	return result;
}

/* --- an audit of it ------------------------------------------------------- */

struct auditing {
	struct audit *audit;
	struct spool *spool;
};

static enum result audit_note(
    void *context, struct bytes note, struct error *err)
{
	struct auditing *auditing = context;

	return audit_checkpoint(auditing->audit, note, false, err);
}

/* Kept, so that a return can read back the sale that it names. */
static enum result audit_one(void *context, uint64_t sequence,
    uint32_t terminal, uint64_t counter, struct bytes record, struct error *err)
{
	struct auditing *auditing = context;
	enum result result = spool_append(auditing->spool, record, err);

	if (result != RESULT_OK)
		return result;
	return audit_record(
	    auditing->audit, sequence, terminal, counter, record, err);
}

static enum result read_sale(
    void *context, uint64_t sequence, struct buffer *to, struct error *err)
{
	return spool_read(context, sequence, to, err);
}

enum result remote_audit(struct audit *audit, const char *identity,
    const char *address, audit_progress_fn *progress, void *context,
    struct audit_summary *ret_summary, struct error *err)
{
	struct auditing auditing = {.audit = audit};
	struct remote_source source = {.identity = identity,
	    .address = address,
	    .progress = progress,
	    .context = context};
	struct remote_visitor visitor = {
	    .note = audit_note, .record = audit_one, .context = &auditing};
	enum result result = spool_create(&auditing.spool, err);

	if (result != RESULT_OK)
		return result;
	audit_set_reader(audit, read_sale, auditing.spool);
	result = remote_scan(&source, &visitor, err);
	if (result == RESULT_OK)
		result = audit_finish(audit, ret_summary, err);
	audit_set_reader(audit, NULL, NULL);
	spool_destroy(auditing.spool);
	return result;
}
