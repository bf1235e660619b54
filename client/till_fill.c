/*
 * till_fill: from a kept operation to the request that is sent for it.
 */
#include "client/till_inside.h"

#include <stdio.h>
#include <string.h>

static void fill_name(const struct operation *operation, const uint8_t *ticket,
    tally_Operation *name)
{
	name->counter = operation->counter;
	name->random.size = sizeof operation->random;
	memcpy(name->random.bytes, operation->random, sizeof operation->random);
	name->ticket.size = ticket ? OPERATION_TICKET_SIZE : 0;
	if (ticket)
		memcpy(name->ticket.bytes, ticket, OPERATION_TICKET_SIZE);
}

static void fill_enrol(const struct operation *operation, tally_Enrol *enrol)
{
	snprintf(enrol->card, sizeof enrol->card, "%s", operation->card);
}

static void fill_earn(const struct operation *operation, tally_Earn *earn)
{
	snprintf(earn->card, sizeof earn->card, "%s", operation->card);
	earn->amount_minor = operation->amount_minor;
	snprintf(earn->receipt, sizeof earn->receipt, "%s", operation->receipt);
}

static void fill_redeem(const struct operation *operation, tally_Redeem *redeem)
{
	snprintf(redeem->card, sizeof redeem->card, "%s", operation->card);
	snprintf(
	    redeem->reward, sizeof redeem->reward, "%s", operation->reward);
	snprintf(
	    redeem->receipt, sizeof redeem->receipt, "%s", operation->receipt);
}

static void fill_return(
    const struct operation *operation, tally_Return *return_goods)
{
	return_goods->entry = operation->sale;
	return_goods->amount_minor = operation->amount_minor;
	snprintf(return_goods->receipt, sizeof return_goods->receipt, "%s",
	    operation->receipt);
}

void till_fill_operation(const struct operation *operation,
    const uint8_t *ticket, tally_Request *request)
{
	tally_Operation *name;

	switch (operation->kind) {
	case ENTRY_ENROL:
		request->which_body = tally_Request_enrol_tag;
		request->body.enrol.has_operation = true;
		name = &request->body.enrol.operation;
		fill_enrol(operation, &request->body.enrol);
		break;
	case ENTRY_EARN:
		request->which_body = tally_Request_earn_tag;
		request->body.earn.has_operation = true;
		name = &request->body.earn.operation;
		fill_earn(operation, &request->body.earn);
		break;
	case ENTRY_REDEEM:
		request->which_body = tally_Request_redeem_tag;
		request->body.redeem.has_operation = true;
		name = &request->body.redeem.operation;
		fill_redeem(operation, &request->body.redeem);
		break;
	default:
		request->which_body = tally_Request_return_goods_tag;
		request->body.return_goods.has_operation = true;
		name = &request->body.return_goods.operation;
		fill_return(operation, &request->body.return_goods);
		break;
	}
	fill_name(operation, ticket, name);
}
