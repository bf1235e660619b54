/*
 * client: identities and links of the tests.
 */
#include "tests/support/client.h"

#include "tests/support/check.h"

#include <stdio.h>
#include <string.h>

#define CLIENT_MS 60000u

void client_enrol(struct fixture *fixture, const char *role, const char *name,
    struct client *ret_client)
{
	char token[128];
	uint32_t number;

	memset(ret_client, 0, sizeof(*ret_client));
	place_join(&fixture->place, name, ret_client->folder);
	fixture_token(fixture, role, token, sizeof(token));
	if (identity_enrol(ret_client->folder, fixture->address, token, &number,
		&ret_client->err) != RESULT_OK)
		fail_msg("%s", ret_client->err.text);
	if (identity_load(ret_client->folder, &ret_client->identity,
		&ret_client->err) != RESULT_OK)
		fail_msg("%s", ret_client->err.text);
}

enum result client_connect(struct client *client)
{
	tally_HelloReply hello;
	enum result result;

	client_close(client);
	result = link_open_tls(client->identity.address,
	    client->identity.context, CLIENT_MS, &client->link, &client->err);
	if (result != RESULT_OK) {
		client->link = NULL;
		return result;
	}
	result =
	    link_hello(client->link, client->counter + 1, &hello, &client->err);
	if (result != RESULT_OK)
		client_close(client);
	return result;
}

void client_close(struct client *client)
{
	if (client->link != NULL)
		link_close(client->link);
	client->link = NULL;
}

void client_finish(struct client *client)
{
	client_close(client);
	identity_finish(&client->identity);
}

tally_Request *client_request(struct client *client, pb_size_t which)
{
	memset(&client->request, 0, sizeof(client->request));
	client->request.which_body = which;
	return &client->request;
}

void client_name(
    uint64_t counter, bool *ret_has, tally_Operation *ret_operation)
{
	*ret_has = true;
	memset(ret_operation, 0, sizeof(*ret_operation));
	ret_operation->counter = counter;
	ret_operation->random.size = ENTRY_RANDOM_SIZE;
	memcpy(ret_operation->random.bytes, &counter, sizeof(counter));
}

void client_fill_enrol(
    struct client *client, uint64_t counter, const char *card)
{
	tally_Enrol *enrol =
	    &client_request(client, tally_Request_enrol_tag)->body.enrol;

	client_name(counter, &enrol->has_operation, &enrol->operation);
	(void)snprintf(enrol->card, sizeof(enrol->card), "%s", card);
}

void client_fill_earn(struct client *client, uint64_t counter, const char *card,
    uint64_t amount_minor)
{
	tally_Earn *earn =
	    &client_request(client, tally_Request_earn_tag)->body.earn;

	client_name(counter, &earn->has_operation, &earn->operation);
	(void)snprintf(earn->card, sizeof(earn->card), "%s", card);
	earn->amount_minor = amount_minor;
}

int client_ask(struct client *client)
{
	if (client->link == NULL ||
	    link_call(client->link, &client->request, CLIENT_MS, &client->reply,
		&client->err) != RESULT_OK)
		return -1;
	return client->reply.which_body == tally_Reply_refusal_tag
		   ? (int)client->reply.body.refusal.code
		   : 0;
}

/* Why the last request did not go well. */
static const char *client_why(const struct client *client)
{
	return client->reply.which_body == tally_Reply_refusal_tag
		   ? client->reply.body.refusal.say
		   : client->err.text;
}

void client_member(struct client *client, const char *card)
{
	client_fill_enrol(client, ++client->counter, card);
	if (client_ask(client) != 0)
		fail_msg("enrol %s: %s", card, client_why(client));
}

int64_t client_balance(struct client *client, const char *card)
{
	tally_Request *request =
	    client_request(client, tally_Request_balance_tag);

	(void)snprintf(request->body.balance.card,
	    sizeof(request->body.balance.card), "%s", card);
	if (client_ask(client) != 0)
		fail_msg("balance of %s: %s", card, client_why(client));
	return client->reply.body.member.balance;
}

void card_number(uint64_t n, char ret_number[14])
{
	unsigned sum = 0;

	(void)snprintf(ret_number, 14, "29%010llu",
	    (unsigned long long)(n % 10000000000ull));
	for (size_t i = 0; i < 12; i++)
		sum += (unsigned)(ret_number[i] - '0') * (i % 2 == 0 ? 1 : 3);
	ret_number[12] = (char)('0' + (10 - sum % 10) % 10);
	ret_number[13] = '\0';
}
