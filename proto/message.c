/*
 * message: nanopb's encoder and decoder, and what the schema cannot say.
 *
 * A request and a reply are the same on the outside: an id and one body.
 * nanopb would go through all of the forty fields that might be there, twice
 * where it writes; here the outside is read and written by hand, and nanopb
 * is given the body alone. That is half of the time that a message takes.
 *
 * What a schema cannot say stands in two tables of rules, one row a field. A
 * message has one body, so that a decoded one is held against the few rows of
 * its body alone.
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

/* --- rules ---------------------------------------------------------------- */

enum rule_kind {
	RULE_TEXT,	/* UTF-8 without control characters */
	RULE_SIZE,	/* bytes: as many as the field can hold */
	RULE_OPERATION, /* present, its random whole, its ticket empty or whole
			 */
	RULE_TICKET,	/* bytes: a whole ticket */
	RULE_HASHES,	/* bytes: whole hashes */
	RULE_SOME,	/* bytes: at least one */
	RULE_CODE,	/* a number that is not 0 */
};

/* `count_offset` and `stride` are for a field of a repeated message: where
 * the number of them stands, and how far apart they are. */
struct rule {
	pb_size_t body;
	enum rule_kind kind;
	const char *name;
	size_t offset;
	size_t size;
	size_t count_offset;
	size_t stride;
};

#define FIELD(message, which, field)                 \
	offsetof(tally_##message, body.which.field), \
	    sizeof(((tally_##message *)0)->body.which.field)
#define RULE(message, which, field, rule)                                 \
	{                                                                 \
		tally_##message##_##which##_tag, rule, #which "." #field, \
		    FIELD(message, which, field), 0, 0                    \
	}
#define REQUEST(which, field, rule) RULE(Request, which, field, rule)
#define REPLY(which, field, rule) RULE(Reply, which, field, rule)
#define OPERATION(which)                                               \
	{                                                              \
		tally_Request_##which##_tag, RULE_OPERATION,           \
		    #which ".operation",                               \
		    offsetof(tally_Request, body.which.has_operation), \
		    sizeof(tally_Enrol), 0, 0                          \
	}
#define LINES(which, list, field)                                   \
	{                                                           \
		tally_Reply_##which##_tag, RULE_TEXT,               \
		    #which "." #list "." #field,                    \
		    FIELD(Reply, which, list[0].field),             \
		    offsetof(tally_Reply, body.which.list##_count), \
		    sizeof(((tally_Reply *)0)->body.which.list[0])  \
	}

static const struct rule request_rules[] = {
    REQUEST(hello, software, RULE_TEXT),
    REQUEST(enrol_terminal, secret, RULE_SIZE),
    REQUEST(enrol_terminal, csr, RULE_SOME),
    REQUEST(login, pin, RULE_TEXT),
    REQUEST(lookup, card, RULE_TEXT),
    OPERATION(enrol),
    REQUEST(enrol, card, RULE_TEXT),
    OPERATION(earn),
    REQUEST(earn, card, RULE_TEXT),
    REQUEST(earn, receipt, RULE_TEXT),
    OPERATION(redeem),
    REQUEST(redeem, card, RULE_TEXT),
    REQUEST(redeem, reward, RULE_TEXT),
    REQUEST(redeem, receipt, RULE_TEXT),
    OPERATION(return_goods),
    REQUEST(return_goods, receipt, RULE_TEXT),
    REQUEST(balance, card, RULE_TEXT),
    REQUEST(history, card, RULE_TEXT),
    REQUEST(terminal_add, name, RULE_TEXT),
    REQUEST(cashier_add, name, RULE_TEXT),
    REQUEST(cashier_add, pin, RULE_TEXT),
    REQUEST(member_show, card, RULE_TEXT),
    REQUEST(reward_add, reward, RULE_TEXT),
    REQUEST(reward_add, name, RULE_TEXT),
    REQUEST(programme_put, hash, RULE_SIZE),
};

static const struct rule reply_rules[] = {
    REPLY(refusal, code, RULE_CODE),
    REPLY(refusal, say, RULE_TEXT),
    REPLY(hello, software, RULE_TEXT),
    REPLY(hello, shop, RULE_TEXT),
    REPLY(hello, origin, RULE_TEXT),
    REPLY(hello, checkpoint_key, RULE_SIZE),
    REPLY(hello, currency, RULE_TEXT),
    REPLY(enrol_terminal, certificate, RULE_SOME),
    REPLY(enrol_terminal, authority, RULE_SOME),
    REPLY(login, ticket, RULE_TICKET),
    REPLY(login, name, RULE_TEXT),
    REPLY(operation, hash, RULE_SIZE),
    LINES(history, lines, reward),
    LINES(rewards, rewards, id),
    LINES(rewards, rewards, name),
    REPLY(checkpoint, inclusion, RULE_HASHES),
    REPLY(checkpoint, consistency, RULE_HASHES),
    REPLY(terminal_add, token, RULE_TEXT),
    LINES(terminal_list, lines, name),
    LINES(cashier_list, lines, name),
    REPLY(member_show, card, RULE_TEXT),
    LINES(member_show, lines, reward),
    REPLY(ledger_show, shop, RULE_TEXT),
    REPLY(ledger_show, origin, RULE_TEXT),
    REPLY(ledger_show, verifier_key, RULE_TEXT),
    REPLY(ledger_show, head_hash, RULE_SIZE),
    REPLY(ledger_show, root, RULE_SIZE),
    REPLY(ledger_show, programme_name, RULE_TEXT),
};

/* That no NUL cut it short is message_text.c's. */
static const char *text_fault(const char *text, size_t size)
{
	size_t length = strnlen(text, size);

	return bytes_are_text(bytes_of(text, length), NULL) ? NULL
							    : "is not text";
}

/* A bounded bytes field as nanopb lays it out: a count, then the bytes. */
static size_t bytes_size(const void *field)
{
	const pb_bytes_array_t *array = field;

	return array->size;
}

/* Each message with an operation has it first, as Enrol does. */
static_assert(
    offsetof(tally_Enrol, has_operation) == 0 &&
	offsetof(tally_Earn, has_operation) == 0 &&
	offsetof(tally_Redeem, has_operation) == 0 &&
	offsetof(tally_Return, has_operation) == 0 &&
	offsetof(tally_Enrol, operation) == offsetof(tally_Earn, operation) &&
	offsetof(tally_Enrol, operation) == offsetof(tally_Redeem, operation) &&
	offsetof(tally_Enrol, operation) == offsetof(tally_Return, operation),
    "operations lie where the rule looks");

static const char *operation_fault(const tally_Enrol *enrol)
{
	const tally_Operation *operation = &enrol->operation;

	if (!enrol->has_operation)
		return "is missing";
	if (operation->random.size != sizeof(operation->random.bytes))
		return "has a random that is not of 16 bytes";
	if (operation->ticket.size != 0 &&
	    operation->ticket.size != TICKET_SIZE)
		return "has a ticket that is not of 28 bytes";
	return NULL;
}

static const char *field_fault(const struct rule *rule, const void *field)
{
	switch (rule->kind) {
	case RULE_TEXT:
		return text_fault(field, rule->size);
	case RULE_SIZE:
		return bytes_size(field) ==
			       rule->size - offsetof(pb_bytes_array_t, bytes)
			   ? NULL
			   : "has not the size that it must have";
	case RULE_OPERATION:
		return operation_fault(field);
	case RULE_TICKET:
		return bytes_size(field) == TICKET_SIZE ? NULL
							: "is not of 28 bytes";
	case RULE_HASHES:
		return bytes_size(field) % HASH_SIZE == 0
			   ? NULL
			   : "is not of whole hashes";
	case RULE_SOME:
		return bytes_size(field) > 0 ? NULL : "is empty";
	case RULE_CODE:
		return *(const uint32_t *)field != 0 ? NULL : "is 0";
	}
	return "has no rule";
}

static enum result rule_check(
    const struct rule *rule, const uint8_t *message, struct error *err)
{
	pb_size_t count = 1;

	if (rule->stride != 0)
		memcpy(&count, &message[rule->count_offset], sizeof(count));
	for (pb_size_t i = 0; i < count; i++) {
		const char *fault = field_fault(
		    rule, &message[rule->offset + i * rule->stride]);

		if (fault != NULL)
			return error_set(
			    err, RESULT_INVALID, "%s %s", rule->name, fault);
	}
	return RESULT_OK;
}

static enum result rules_check(const struct rule *rules, size_t count,
    pb_size_t body, const void *message, struct error *err)
{
	if (body == 0)
		return error_set(
		    err, RESULT_INVALID, "it has no body that is known here");
	for (size_t i = 0; i < count; i++) {
		enum result result;

		if (rules[i].body != body)
			continue;
		result = rule_check(&rules[i], message, err);
		if (result != RESULT_OK)
			return result;
	}
	return RESULT_OK;
}

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
    REQUEST_BODY(terminal_add, "terminal_add", TerminalAdd),
    REQUEST_BODY(terminal_list, "terminal_list", TerminalList),
    REQUEST_BODY(terminal_revoke, "terminal_revoke", TerminalRevoke),
    REQUEST_BODY(cashier_add, "cashier_add", CashierAdd),
    REQUEST_BODY(cashier_list, "cashier_list", CashierList),
    REQUEST_BODY(member_show, "member_show", MemberShow),
    REQUEST_BODY(reward_add, "reward_add", RewardAdd),
    REQUEST_BODY(ledger_show, "ledger_show", LedgerShow),
    REQUEST_BODY(programme_put, "programme_put", ProgrammePut),
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
};

struct schema {
	const char *name;
	const struct body_kind *bodies;
	size_t body_count;
	const struct rule *rules;
	size_t rule_count;
	size_t size_max; /* of a message */
};

static const struct schema request_schema = {
    .name = "a request",
    .bodies = request_bodies,
    .body_count = COUNT(request_bodies),
    .rules = request_rules,
    .rule_count = COUNT(request_rules),
    .size_max = FRAME_REQUEST_SIZE_MAX,
};

static const struct schema reply_schema = {
    .name = "a reply",
    .bodies = reply_bodies,
    .body_count = COUNT(reply_bodies),
    .rules = reply_rules,
    .rule_count = COUNT(reply_rules),
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
    const struct schema *schema, struct parts parts, const void *message,
    struct error *err)
{
	pb_istream_t stream = pb_istream_from_buffer(bytes.data, bytes.size);
	enum result result;

	*parts.id = 0;
	*parts.which = 0;
	while (stream.bytes_left > 0) {
		if (!field_decode(&stream, schema, parts))
			return error_set(err, RESULT_INVALID, "%s: %s",
			    schema->name, PB_GET_ERROR(&stream));
	}
	result = rules_check(
	    schema->rules, schema->rule_count, *parts.which, message, err);
	if (result != RESULT_OK)
		(void)error_prefix(err, "%s", schema->name);
	return result;
}

enum result message_decode_request(
    struct bytes body, tally_Request *ret_request, struct error *err)
{
	struct parts parts = {
	    &ret_request->id, &ret_request->which_body, &ret_request->body};

	return message_decode(body, &request_schema, parts, ret_request, err);
}

enum result message_decode_reply(
    struct bytes body, tally_Reply *ret_reply, struct error *err)
{
	struct parts parts = {
	    &ret_reply->id, &ret_reply->which_body, &ret_reply->body};

	return message_decode(body, &reply_schema, parts, ret_reply, err);
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
