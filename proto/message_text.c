/*
 * message_text: finds the NUL that nanopb does not see.
 *
 * nanopb hands a string on as its characters and a NUL, so that one which was
 * sent with a NUL at its end looks like one without: two encodings of other
 * sizes would be the same card. How long a string was on the wire is known only
 * there, so the encoded message is walked once more, beside its schema.
 */
#include "proto/message_inside.h"

#include <pb_common.h>

static bool holds_nul(pb_istream_t *stream)
{
	pb_byte_t byte = 1;

	while (stream->bytes_left > 0 && byte != 0)
		if (!pb_read(stream, &byte, 1))
			return true;
	return byte == 0;
}

/* A field of wire type LEN: its bytes, or the message in them. */
static bool field_has_nul(pb_istream_t *stream, pb_field_iter_t *field)
{
	switch (PB_LTYPE(field->type)) {
	case PB_LTYPE_STRING:
		return holds_nul(stream);
	case PB_LTYPE_SUBMESSAGE:
		return message_has_nul(
		    stream, field->submsg_desc, field->pData);
	default:
		return false;
	}
}

bool message_has_nul(
    pb_istream_t *stream, const pb_msgdesc_t *fields, void *message)
{
	pb_field_iter_t field;
	pb_wire_type_t type;
	uint32_t tag;
	bool is_end;

	/* False for a message without fields, and for an unknown tag below. */
	bool has_fields = pb_field_iter_begin(&field, fields, message);

	while (pb_decode_tag(stream, &type, &tag, &is_end)) {
		pb_istream_t inside;
		bool is_found;

		if (type != PB_WT_STRING) {
			if (!pb_skip_field(stream, type))
				return true;
			continue;
		}
		if (!pb_make_string_substream(stream, &inside))
			return true;
		is_found = has_fields && pb_field_iter_find(&field, tag) &&
			   field_has_nul(&inside, &field);
		if (!pb_close_string_substream(stream, &inside) || is_found)
			return true;
	}
	return !is_end;
}
