/*
 * load: many tills in one thread, each with its own connection and identity,
 * each with K earnings in flight; how many a second, and how long they take.
 *
 *     load --server HOST:PORT --identities DIR --terminals N
 *          [--in-flight K (1)] [--seconds S (0)] [--warm-up S (1)]
 *          [--cards N (1000)] [--enrol-cards N] [--lines N (0)] [--hold S]
 *          [--pid P] [--json]
 *
 * DIR holds the folders 0001, 0002, … that `identities` made. --enrol-cards
 * sees first that the cards 0 … N-1 are enrolled. --lines says what was sold,
 * in so many lines a sale, as a grocer's till does. --hold says "holding" and
 * leaves all connections in peace for a while. --pid takes the server's
 * processor time from /proc. A latency is from the write of a request to the
 * arrival of its answer.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/crypto.h"
#include "common/base/limits.h"
#include "tests/bench/figures.h"
#include "tests/bench/till.h"

#define DIALS_AT_ONCE 64u
#define RECEIVE_SIZE 65536u
#define EVENTS_AT_ONCE 256
#define PATIENCE_US 20000000u /* without any event */

enum phase { PHASE_CARDS, PHASE_WARM_UP, PHASE_MEASURE, PHASE_DRAIN };

struct load {
	/* What is asked for. */
	const char *server;
	const char *identities;
	uint32_t till_count;
	uint32_t in_flight;
	uint32_t cards;
	uint32_t enrol_cards;
	uint32_t lines;
	double seconds;
	double warm_up_seconds;
	double hold_seconds;
	uint32_t pid;
	bool is_json;

	struct sockaddr_in address;
	struct till *tills;
	int epoll;
	uint32_t dialled;
	uint32_t ready;

	enum phase phase;
	bool is_filling;    /* free slots get the phase's next request */
	uint32_t card_next; /* of the cards to be looked up */
	uint64_t pending;   /* requests in flight, of all tills */
	uint64_t random;

	uint64_t enrolled;
	uint64_t started_us, ended_us;
	uint64_t server_cpu_us, own_cpu_us;
	struct latencies latencies;
	uint8_t received[RECEIVE_SIZE];
};

/* xorshift64: which card is next needs no better. */
static uint32_t load_random(struct load *load, uint32_t below)
{
	load->random ^= load->random << 13;
	load->random ^= load->random >> 7;
	load->random ^= load->random << 17;
	return (uint32_t)(load->random >> 32) % below;
}

/* --- requests ------------------------------------------------------------- */

static void fill_operation(
    struct load *load, struct till *till, tally_Operation *operation)
{
	operation->counter = ++till->counter;
	operation->random.size = 16;
	for (size_t i = 0; i < 16; i += 4) {
		uint32_t word = load_random(load, UINT32_MAX);

		memcpy(&operation->random.bytes[i], &word, 4);
	}
	operation->ticket.size = 0;
}

/* What a basket is made of, for server/programmes/grocer.ini. */
static void fill_lines(struct load *load, tally_Earn *earn)
{
	static const char *const categories[] = {"fruit", "vegetables", "bread",
	    "dairy", "meat", "drinks", "household", "tobacco"};

	earn->lines_count = (pb_size_t)load->lines;
	for (uint32_t i = 0; i < load->lines; i++) {
		tally_Line *line = &earn->lines[i];

		strcpy(line->category, categories[load_random(load, 8)]);
		snprintf(line->product, sizeof(line->product), "%u",
		    4000 + load_random(load, 500));
		line->quantity = 1 + load_random(load, 3);
		line->amount_minor = 50 + load_random(load, 1000);
		earn->amount_minor += (uint64_t)line->amount_minor;
	}
}

/* The request is large, and is not cleared as a whole. */
static void send_earn(
    struct load *load, struct till *till, tally_Request *request, uint32_t card)
{
	tally_Earn *earn = &request->body.earn;

	request->which_body = tally_Request_earn_tag;
	earn->has_operation = true;
	fill_operation(load, till, &earn->operation);
	card_number(card, earn->card);
	earn->amount_minor =
	    load->lines > 0 ? 0 : 100 + load_random(load, 5000);
	earn->paid_minor = 0;
	earn->sold_ms = 0;
	earn->claim = 0;
	fill_lines(load, earn);
	snprintf(
	    earn->receipt, sizeof(earn->receipt), "B-%" PRIu64, till->counter);
	till_write(till, request);
}

static void send_slot(
    struct load *load, struct till *till, size_t place, uint64_t now_us)
{
	struct slot *slot = &till->slots[place];
	tally_Request request;

	request.id = place + 1;
	slot->sent_us = now_us;
	load->pending++;
	if (slot->kind == SLOT_EARN) {
		send_earn(load, till, &request, slot->card);
	} else if (slot->kind == SLOT_LOOKUP) {
		request.which_body = tally_Request_lookup_tag;
		card_number(slot->card, request.body.lookup.card);
		till_write(till, &request);
	} else {
		request.which_body = tally_Request_enrol_tag;
		request.body.enrol.has_operation = true;
		fill_operation(load, till, &request.body.enrol.operation);
		card_number(slot->card, request.body.enrol.card);
		request.body.enrol.referrer[0] = '\0';
		till_write(till, &request);
	}
}

/* Give free slots what the phase has for them. */
static void till_fill(struct load *load, struct till *till, uint64_t now_us)
{
	for (size_t i = 0; i < load->in_flight && load->is_filling; i++) {
		struct slot *slot = &till->slots[i];

		if (slot->kind != SLOT_FREE)
			continue;
		if (load->phase != PHASE_CARDS) {
			slot->kind = SLOT_EARN;
			slot->card = load_random(load, load->cards);
		} else if (load->card_next < load->enrol_cards) {
			slot->kind = SLOT_LOOKUP;
			slot->card = load->card_next++;
		} else {
			return;
		}
		send_slot(load, till, i, now_us);
	}
}

/* --- replies -------------------------------------------------------------- */

static bool is_refusal(const tally_Reply *reply, enum refusal_code code)
{
	return reply->which_body == tally_Reply_refusal_tag &&
	       reply->body.refusal.code == code;
}

static void take_reply(struct load *load, struct till *till,
    const tally_Reply *reply, uint64_t now_us)
{
	size_t place = (size_t)reply->id - 1;
	struct slot *slot;

	if (reply->id < 1 || reply->id > load->in_flight ||
	    till->slots[place].kind == SLOT_FREE)
		fail("a reply", "to no request");
	slot = &till->slots[place];
	load->pending--;
	if (slot->kind == SLOT_LOOKUP &&
	    is_refusal(reply, REFUSAL_CARD_UNKNOWN)) {
		slot->kind = SLOT_ENROL;
		send_slot(load, till, place, now_us);
		return;
	}
	if (reply->which_body == tally_Reply_refusal_tag)
		fail("refused", reply->body.refusal.say);
	if (slot->kind == SLOT_ENROL)
		load->enrolled++;
	if (slot->kind == SLOT_EARN && load->phase == PHASE_MEASURE)
		latencies_add(&load->latencies, now_us - slot->sent_us);
	slot->kind = SLOT_FREE;
}

static void take_hello(
    struct load *load, struct till *till, const tally_Reply *reply)
{
	if (reply->which_body == tally_Reply_refusal_tag)
		fail("hello refused", reply->body.refusal.say);
	if (reply->which_body != tally_Reply_hello_tag)
		fail("hello", "another reply");
	till->counter = reply->body.hello.counter_max;
	till->state = TILL_READY;
	load->ready++;
}

static void take_input(struct load *load, struct till *till, uint64_t now_us)
{
	static tally_Reply reply;
	struct bytes input = buffer_view(&till->input);
	struct bytes body;
	struct error err;
	bool is_whole;

	for (;;) {
		must(frame_reader_next(
			 &till->reader, &input, &body, &is_whole, &err),
		    "a frame", &err);
		if (!is_whole)
			break;
		must(message_decode_reply(body, &reply, &err), "a reply", &err);
		if (till->state == TILL_GREETING)
			take_hello(load, till, &reply);
		else
			take_reply(load, till, &reply, now_us);
	}
	till->input.size = 0;
	if (till->state == TILL_READY)
		till_fill(load, till, now_us);
}

/* --- connections ---------------------------------------------------------- */

static void till_read(struct load *load, struct till *till)
{
	ssize_t size = recv(till->handle, load->received, RECEIVE_SIZE, 0);
	uint64_t now_us = clock_monotonic_us();
	struct error err;

	if (size < 0 && errno == EAGAIN)
		return;
	if (size <= 0)
		fail("the server",
		    size == 0 ? "closed a connection" : strerror(errno));
	must(channel_receive(till->channel,
		 bytes_of(load->received, (size_t)size), &till->input,
		 &till->output, &err),
	    "TLS", &err);
	if (till->state == TILL_SHAKING && channel_is_open(till->channel))
		till_greet(till);
	take_input(load, till, now_us);
}

static void till_event(struct load *load, struct till *till, uint32_t events)
{
	if (till->state == TILL_DIALLING)
		till->state = TILL_SHAKING;
	if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
		till_read(load, till);
	till_send(till);
}

/* --- the run -------------------------------------------------------------- */

/* One round of events; false when `until_us` has come. */
static bool load_round(struct load *load, uint64_t until_us)
{
	struct epoll_event events[EVENTS_AT_ONCE];
	uint64_t now_us = clock_monotonic_us();
	uint64_t wait_us = PATIENCE_US;
	int count;

	if (now_us >= until_us)
		return false;
	if (until_us - now_us < wait_us)
		wait_us = until_us - now_us;
	count = epoll_wait(
	    load->epoll, events, EVENTS_AT_ONCE, (int)(wait_us / 1000) + 1);
	if (count < 0 && errno != EINTR)
		fail("epoll", strerror(errno));
	if (count == 0 && wait_us == PATIENCE_US)
		fail("the server", "does not answer");
	for (int i = 0; i < count; i++)
		till_event(load, events[i].data.ptr, events[i].events);
	return true;
}

/* Fewer at once than a server takes in handshakes. */
static void load_connect(struct load *load)
{
	while (load->ready < load->till_count) {
		while (load->dialled < load->till_count &&
		       load->dialled < load->ready + DIALS_AT_ONCE)
			till_dial(&load->tills[load->dialled++], load->epoll,
			    &load->address);
		load_round(load, UINT64_MAX);
	}
}

static void load_begin(struct load *load, enum phase phase)
{
	uint64_t now_us = clock_monotonic_us();

	load->phase = phase;
	load->is_filling = true;
	for (uint32_t i = 0; i < load->till_count; i++) {
		till_fill(load, &load->tills[i], now_us);
		till_send(&load->tills[i]);
	}
}

static void load_drain(struct load *load)
{
	load->phase = PHASE_DRAIN;
	load->is_filling = false;
	while (load->pending > 0)
		load_round(load, UINT64_MAX);
}

static void load_enrol(struct load *load)
{
	load_begin(load, PHASE_CARDS);
	while (load->pending > 0)
		load_round(load, UINT64_MAX);
	load->is_filling = false;
}

static void load_hold(const struct load *load)
{
	puts("holding");
	fflush(stdout);
	usleep((useconds_t)(load->hold_seconds * 1e6));
}

static void load_measure(struct load *load)
{
	uint64_t until_us =
	    clock_monotonic_us() + (uint64_t)(load->warm_up_seconds * 1e6);
	uint64_t server_us;

	load_begin(load, PHASE_WARM_UP);
	while (load_round(load, until_us))
		;
	server_us = load->pid > 0 ? process_cpu_us(load->pid) : 0;
	load->own_cpu_us = process_cpu_us(getpid());
	load->phase = PHASE_MEASURE;
	load->started_us = clock_monotonic_us();
	until_us = load->started_us + (uint64_t)(load->seconds * 1e6);
	while (load_round(load, until_us))
		;
	load->ended_us = clock_monotonic_us();
	load->own_cpu_us = process_cpu_us(getpid()) - load->own_cpu_us;
	if (load->pid > 0)
		load->server_cpu_us = process_cpu_us(load->pid) - server_us;
	load_drain(load);
}

/* --- the report ----------------------------------------------------------- */

static void load_report(const struct load *load)
{
	double seconds = (double)(load->ended_us - load->started_us) / 1e6;
	double operations =
	    load->latencies.count > 0 ? (double)load->latencies.count : 1;
	double rate = (double)load->latencies.count / seconds;
	double server_us = (double)load->server_cpu_us / operations;
	double own_us = (double)load->own_cpu_us / operations;

	if (load->is_json)
		printf("{\"terminals\":%" PRIu32 ",\"in_flight\":%" PRIu32
		       ",\"seconds\":%.2f,\"operations\":%" PRIu64
		       ",\"ops_s\":%.0f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,"
		       "\"max_ms\":%.3f,\"server_cpu_us\":%.2f,"
		       "\"client_cpu_us\":%.2f}\n",
		    load->till_count, load->in_flight, seconds,
		    load->latencies.count, rate,
		    latencies_quantile_ms(&load->latencies, 0.5),
		    latencies_quantile_ms(&load->latencies, 0.99),
		    latencies_quantile_ms(&load->latencies, 1.0 - 1e-9),
		    server_us, own_us);
	else
		printf("%" PRIu32 " tills x %" PRIu32 ": %.0f ops/s, p50 "
		       "%.3f ms, p99 %.3f ms, server %.2f us/op, client "
		       "%.2f us/op\n",
		    load->till_count, load->in_flight, rate,
		    latencies_quantile_ms(&load->latencies, 0.5),
		    latencies_quantile_ms(&load->latencies, 0.99), server_us,
		    own_us);
}

/* --- start ---------------------------------------------------------------- */

static void load_address(struct load *load)
{
	char host[256], port[6];
	struct error err;

	must(address_split(load->server, host, port, &err), "--server", &err);
	load->address.sin_family = AF_INET;
	load->address.sin_port = htons((uint16_t)strtoul(port, NULL, 10));
	if (inet_pton(AF_INET, host, &load->address.sin_addr) != 1)
		fail(host, "an IPv4 address is wanted");
}

static void load_identities(struct load *load)
{
	load->tills = calloc(load->till_count, sizeof(*load->tills));
	if (load->tills == NULL)
		fail("tills", "no memory");
	for (uint32_t i = 0; i < load->till_count; i++) {
		struct till *till = &load->tills[i];
		char folder[4096];
		struct error err;

		snprintf(folder, sizeof(folder), "%.4000s/%04" PRIu32,
		    load->identities, i + 1);
		must(
		    identity_load(folder, &till->identity, &err), folder, &err);
		frame_reader_init(&till->reader, FRAME_REPLY_SIZE_MAX);
	}
}

/* Take one option; false where it is none, or lacks its value. */
static bool load_option(struct load *load, const char *name, const char *value)
{
	const struct {
		const char *name;
		const char **text;
		uint32_t *count;
		double *seconds;
	} known[] = {
	    {"--server", &load->server, NULL, NULL},
	    {"--identities", &load->identities, NULL, NULL},
	    {"--terminals", NULL, &load->till_count, NULL},
	    {"--in-flight", NULL, &load->in_flight, NULL},
	    {"--cards", NULL, &load->cards, NULL},
	    {"--enrol-cards", NULL, &load->enrol_cards, NULL},
	    {"--lines", NULL, &load->lines, NULL},
	    {"--pid", NULL, &load->pid, NULL},
	    {"--seconds", NULL, NULL, &load->seconds},
	    {"--warm-up", NULL, NULL, &load->warm_up_seconds},
	    {"--hold", NULL, NULL, &load->hold_seconds},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (value == NULL || strcmp(name, known[i].name) != 0)
			continue;
		if (known[i].text != NULL)
			*known[i].text = value;
		else if (known[i].count != NULL)
			*known[i].count = (uint32_t)strtoul(value, NULL, 10);
		else
			*known[i].seconds = strtod(value, NULL);
		return true;
	}
	return false;
}

static void load_options(struct load *load, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0)
			load->is_json = true;
		else if (load_option(load, argv[i], argv[i + 1]))
			i++;
		else
			fail(
			    argv[i], "no such option, or no value; see load.c");
	}
	if (load->server == NULL || load->identities == NULL ||
	    load->till_count < 1 || load->till_count > 9999 ||
	    load->in_flight < 1 || load->in_flight > IN_FLIGHT_MAX ||
	    load->cards < 1 || load->lines > LINES_MAX)
		fail("options", "--server, --identities and --terminals are "
				"wanted; see load.c");
}

static void load_finish(struct load *load)
{
	for (uint32_t i = 0; i < load->till_count; i++) {
		struct till *till = &load->tills[i];

		channel_close(till->channel, &till->output);
		till_send(till);
		close(till->handle);
		channel_destroy(till->channel);
		identity_finish(&till->identity);
		frame_reader_finish(&till->reader);
		buffer_finish(&till->input);
		buffer_finish(&till->plain);
		buffer_finish(&till->output);
	}
	free(load->tills);
	latencies_finish(&load->latencies);
	close(load->epoll);
}

/* Each till is a handle; the usual soft limit is 1,024. */
static void raise_handle_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv)
{
	static struct load load = {
	    .in_flight = 1, .cards = 1000, .warm_up_seconds = 1};

	load_options(&load, argc, argv);
	raise_handle_limit();
	load_address(&load);
	crypto_random(&load.random, sizeof(load.random));
	load.random |= 1; /* xorshift never leaves 0 */
	load.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (load.epoll < 0 || !latencies_init(&load.latencies))
		fail("start", strerror(errno));
	load_identities(&load);
	load_connect(&load);
	if (load.enrol_cards > 0)
		load_enrol(&load);
	if (load.hold_seconds > 0)
		load_hold(&load);
	if (load.seconds > 0) {
		load_measure(&load);
		load_report(&load);
	}
	load_finish(&load);
	return 0;
}
