/*
 * message: nanopb's encoder and decoder, and what the schema cannot say.
 *
 * A request and a reply are the same on the outside: an id and one body.
 * nanopb would go through all of the forty fields that might be there, twice
 * where it writes; here the outside is read and written by hand, and nanopb
 * is given the body alone. That is half of the time that a message takes.
 *
 * What a schema cannot say is message_rules.c's.
 */
#include "proto/message.h"

#include <assert.h>
#include <pb_decode.h>
#include <pb_encode.h>
#include <string.h>

#include "proto/frame.h"
#include "proto/message_inside.h"

static_assert(tally_Request_size <= FRAME_REQUEST_SIZE_MAX,
    "a request always fits its frame");
static_assert(
    tally_Reply_size <= FRAME_REPLY_SIZE_MAX, "a reply always fits its frame");

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* --- the two schemas ------------------------------------------------------ */

/* A body by its tag; `fields` is NULL where no body has the tag. */
struct body_kind {
	const char *name;
	const pb_msgdesc_t *fields;
};

#define REQUEST_BODY(which, name, type) \
	[tally_Request_##which##_tag] = {name, tally_##type##_fields}
#define REPLY_BODY(which, type) \
	[tally_Reply_##which##_tag] = {#which, tally_##type##_fields}

static const struct body_kind request_bodies[] = {
    REQUEST_BODY(hello, "hello", Hello),
    REQUEST_BODY(enrol_terminal, "enrol_terminal", EnrolTerminal),
    REQUEST_BODY(login, "login", Login),
    REQUEST_BODY(lookup, "lookup", Lookup),
    REQUEST_BODY(enrol, "enrol", Enrol),
    REQUEST_BODY(earn, "earn", Earn),
    REQUEST_BODY(redeem, "redeem", Redeem),
    REQUEST_BODY(return_goods, "return", Return),
    REQUEST_BODY(balance, "balance", Balance),
    REQUEST_BODY(history, "history", History),
    REQUEST_BODY(rewards, "rewards", Rewards),
    REQUEST_BODY(checkpoint, "checkpoint", GetCheckpoint),
    REQUEST_BODY(entries, "entries", GetEntries),
    REQUEST_BODY(ping, "ping", Ping),
    REQUEST_BODY(sale, "sale", Sale),
    REQUEST_BODY(hold, "hold", Hold),
    REQUEST_BODY(void_operation, "void", Void),
    REQUEST_BODY(transfer, "transfer", Transfer),
    REQUEST_BODY(adjust, "adjust", Adjust),
    REQUEST_BODY(card_add, "card_add", CardAdd),
    REQUEST_BODY(card_block, "card_block", CardBlock),
    REQUEST_BODY(join, "join", Join),
    REQUEST_BODY(leave, "leave", Leave),
    REQUEST_BODY(member_set, "member_set", MemberSet),
    REQUEST_BODY(terminal_add, "terminal_add", TerminalAdd),
    REQUEST_BODY(terminal_list, "terminal_list", TerminalList),
    REQUEST_BODY(terminal_revoke, "terminal_revoke", TerminalRevoke),
    REQUEST_BODY(cashier_add, "cashier_add", CashierAdd),
    REQUEST_BODY(cashier_list, "cashier_list", CashierList),
    REQUEST_BODY(member_show, "member_show", MemberShow),
    REQUEST_BODY(reward_add, "reward_add", RewardAdd),
    REQUEST_BODY(ledger_show, "ledger_show", LedgerShow),
    REQUEST_BODY(programme_put, "programme_put", ProgrammePut),
    REQUEST_BODY(staff_card, "staff_card", StaffCard),
    REQUEST_BODY(night, "night", Night),
    REQUEST_BODY(import_cards, "import", Import),
};

static const struct body_kind reply_bodies[] = {
    REPLY_BODY(refusal, Refusal),
    REPLY_BODY(hello, HelloReply),
    REPLY_BODY(enrol_terminal, EnrolTerminalReply),
    REPLY_BODY(login, LoginReply),
    REPLY_BODY(member, MemberReply),
    REPLY_BODY(operation, OperationReply),
    REPLY_BODY(history, HistoryReply),
    REPLY_BODY(rewards, RewardsReply),
    REPLY_BODY(checkpoint, CheckpointReply),
    REPLY_BODY(entries, EntriesReply),
    REPLY_BODY(pong, Pong),
    REPLY_BODY(terminal_add, TerminalAddReply),
    REPLY_BODY(terminal_list, TerminalListReply),
    REPLY_BODY(cashier_add, CashierAddReply),
    REPLY_BODY(cashier_list, CashierListReply),
    REPLY_BODY(member_show, MemberShowReply),
    REPLY_BODY(ledger_show, LedgerShowReply),
    REPLY_BODY(done, Done),
    REPLY_BODY(night, NightReply),
    REPLY_BODY(import_cards, ImportReply),
};

struct schema {
	const char *name;
	const struct body_kind *bodies;
	size_t body_count;
	size_t size_max; /* of a message */
};

static const struct schema request_schema = {
    .name = "a request",
    .bodies = request_bodies,
    .body_count = COUNT(request_bodies),
    .size_max = FRAME_REQUEST_SIZE_MAX,
};

static const struct schema reply_schema = {
    .name = "a reply",
    .bodies = reply_bodies,
    .body_count = COUNT(reply_bodies),
    .size_max = FRAME_REPLY_SIZE_MAX,
};

static const pb_msgdesc_t *body_fields(
    const struct schema *schema, uint32_t tag)
{
	return tag < schema->body_count ? schema->bodies[tag].fields : NULL;
}

#define ID_TAG tally_Request_id_tag
static_assert(tally_Request_id_tag == tally_Reply_id_tag,
    "requests and replies have the same outside");

/* --- decoding ------------------------------------------------------------- */

/* Where a message's parts go. */
struct parts {
	uint64_t *id;
	pb_size_t *which;
	void *body;
};

static bool body_decode(
    pb_istream_t *stream, const pb_msgdesc_t *fields, void *body)
{
	pb_istream_t inside;
	pb_istream_t again;
	bool is_good;

	if (!pb_make_string_substream(stream, &inside))
		return false;
	again = inside;
	/* Sets whatever is not there to its default, and nothing beyond. */
	is_good = pb_decode(&inside, fields, body);
	if (is_good && message_has_nul(&again, fields, body))
		PB_RETURN_ERROR(stream, "a string holds a NUL");
	return pb_close_string_substream(stream, &inside) && is_good;
}

static bool field_decode(
    pb_istream_t *stream, const struct schema *schema, struct parts parts)
{
	const pb_msgdesc_t *fields;
	pb_wire_type_t type;
	uint32_t tag;
	bool is_end;

	if (!pb_decode_tag(stream, &type, &tag, &is_end))
		return false;
	if (tag == 0)
		PB_RETURN_ERROR(stream, "zero tag");
	fields = body_fields(schema, tag);
	if (tag != ID_TAG && fields == NULL)
		return pb_skip_field(stream, type);
	if (type != (tag == ID_TAG ? PB_WT_VARINT : PB_WT_STRING))
		PB_RETURN_ERROR(stream, "wrong wire type");
	if (tag == ID_TAG)
		return pb_decode_varint(stream, parts.id);
	*parts.which = (pb_size_t)tag;
	return body_decode(stream, fields, parts.body);
}

static enum result message_decode(struct bytes bytes,
    const struct schema *schema, struct parts parts, struct error *err)
{
	pb_istream_t stream = pb_istream_from_buffer(bytes.data, bytes.size);

	*parts.id = 0;
	*parts.which = 0;
	while (stream.bytes_left > 0) {
		if (!field_decode(&stream, schema, parts))
			return error_set(err, RESULT_INVALID, "%s: %s",
			    schema->name, PB_GET_ERROR(&stream));
	}
	if (*parts.which == 0)
		return error_set(err, RESULT_INVALID,
		    "%s: it has no body that is known here", schema->name);
	return RESULT_OK;
}

enum result message_decode_request(
    struct bytes body, tally_Request *ret_request, struct error *err)
{
	struct parts parts = {
	    &ret_request->id, &ret_request->which_body, &ret_request->body};
	enum result result = message_decode(body, &request_schema, parts, err);

	if (result == RESULT_OK)
		result = message_check_request(ret_request, err);
	return result;
}

enum result message_decode_reply(
    struct bytes body, tally_Reply *ret_reply, struct error *err)
{
	struct parts parts = {
	    &ret_reply->id, &ret_reply->which_body, &ret_reply->body};
	enum result result = message_decode(body, &reply_schema, parts, err);

	if (result == RESULT_OK)
		result = message_check_reply(ret_reply, err);
	return result;
}

/* --- encoding ------------------------------------------------------------- */

/* Most messages are far smaller; what does not fit is encoded again. */
#define FIRST_ROOM_SIZE 256u
/* What stands before a body: two tags, an id, and two bytes of size. */
#define OUTSIDE_SIZE_MAX (1u + 10u + 2u + 2u)
#define SHORT_SIZE_MAX 127u /* of a body whose size takes one byte */
static_assert(
    FRAME_REPLY_SIZE_MAX < 1u << 14 && FRAME_REQUEST_SIZE_MAX < 1u << 14,
    "a body's size takes no more than two bytes");

/* A message to be encoded. */
struct message {
	const struct schema *schema;
	uint64_t id;
	pb_size_t which;
	const void *body;
};

/* The id, and the tag of the body. */
static size_t outside_encode(const struct message *message, uint8_t *to)
{
	pb_ostream_t stream = pb_ostream_from_buffer(to, OUTSIDE_SIZE_MAX);
	bool is_good = true;

	/* As proto3 wants it, a zero is not written. */
	if (message->id != 0)
		is_good = pb_encode_tag(&stream, PB_WT_VARINT, ID_TAG) &&
			  pb_encode_varint(&stream, message->id);
	is_good =
	    is_good && pb_encode_tag(&stream, PB_WT_STRING, message->which);
	assert(is_good);
	return stream.bytes_written;
}

/*
 * The body and, in front of it, its size. Room is left for a size of one
 * byte; a longer body moves over by one, which is cheaper than to encode it
 * twice as nanopb does to know the size beforehand.
 */
static size_t body_encode(const struct message *message, uint8_t *to,
    size_t room, const char **ret_fault)
{
	pb_ostream_t stream = pb_ostream_from_buffer(&to[1], room - 2);
	size_t size;

	if (!pb_encode(&stream, body_fields(message->schema, message->which),
		message->body)) {
		*ret_fault = PB_GET_ERROR(&stream);
		return 0;
	}
	size = stream.bytes_written;
	if (size <= SHORT_SIZE_MAX) {
		to[0] = (uint8_t)size;
		return 1 + size;
	}
	memmove(&to[2], &to[1], size);
	to[0] = (uint8_t)(size & 0x7f) | 0x80;
	to[1] = (uint8_t)(size >> 7);
	return 2 + size;
}

/*
 * Straight into the room behind what `to` holds, and the frame's head in
 * front once the size is known. False, and `to` as it was, where the room is
 * too small or the message has no encoding.
 */
static bool frame_encode(
    struct buffer *to, const struct message *message, const char **ret_fault)
{
	uint8_t *frame = to->data + to->size;
	size_t room = to->capacity - to->size - FRAME_HEAD_SIZE;
	struct writer head = writer_of(frame, FRAME_HEAD_SIZE);
	size_t outside = outside_encode(message, &frame[FRAME_HEAD_SIZE]);
	size_t body = body_encode(message, &frame[FRAME_HEAD_SIZE + outside],
	    room - outside, ret_fault);

	if (body == 0)
		return false;
	writer_u32(&head, (uint32_t)(outside + body));
	to->size += FRAME_HEAD_SIZE + outside + body;
	return true;
}

static enum result message_append(
    struct buffer *to, const struct message *message, struct error *err)
{
	size_t room = FIRST_ROOM_SIZE;
	const char *fault = "it has no such body";

	assert(body_fields(message->schema, message->which) != NULL);
	for (;;) {
		enum result result =
		    buffer_reserve(to, FRAME_HEAD_SIZE + room, err);

		if (result != RESULT_OK)
			return result;
		if (frame_encode(to, message, &fault))
			return RESULT_OK;
		if (room > FIRST_ROOM_SIZE)
			return error_set(err, RESULT_INVALID, "%s: %s",
			    message->schema->name, fault);
		room = message->schema->size_max;
	}
}

enum result message_append_request(
    struct buffer *to, const tally_Request *request, struct error *err)
{
	struct message message = {
	    &request_schema, request->id, request->which_body, &request->body};

	return message_append(to, &message, err);
}

enum result message_append_reply(
    struct buffer *to, const tally_Reply *reply, struct error *err)
{
	struct message message = {
	    &reply_schema, reply->id, reply->which_body, &reply->body};

	return message_append(to, &message, err);
}

/* --- refusals ------------------------------------------------------------- */

static_assert(
    sizeof(((tally_Refusal *)0)->say) == sizeof(((struct refusal *)0)->say),
    "a refusal's sentence is as long on the wire as in the law");

void message_set_refusal(tally_Reply *reply, const struct refusal *refusal)
{
	tally_Refusal *body = &reply->body.refusal;

	reply->which_body = tally_Reply_refusal_tag;
	body->code = refusal->code;
	body->required = refusal->required;
	body->available = refusal->available;
	body->missing = refusal->missing;
	body->wait_ms = refusal->wait_ms;
	body->left = refusal->left;
	memcpy(body->say, refusal->say, sizeof(body->say));
}

void message_refusal(const tally_Reply *reply, struct refusal *ret_refusal)
{
	const tally_Refusal *body = &reply->body.refusal;

	if (reply->which_body != tally_Reply_refusal_tag) {
		*ret_refusal = (struct refusal){.code = REFUSAL_NONE};
		return;
	}
	ret_refusal->code = (enum refusal_code)body->code;
	ret_refusal->required = body->required;
	ret_refusal->available = body->available;
	ret_refusal->missing = body->missing;
	ret_refusal->wait_ms = body->wait_ms;
	ret_refusal->left = body->left;
	memcpy(ret_refusal->say, body->say, sizeof(ret_refusal->say));
}

/* --- names ---------------------------------------------------------------- */

const char *message_request_name(const tally_Request *request)
{
	if (body_fields(&request_schema, request->which_body) == NULL)
		return "unknown";
	return request_bodies[request->which_body].name;
}
