/*
 * load: many tills in one thread, each with its own connection and identity,
 * each with K earnings in flight; how many a second, and how long they take.
 *
 *     load --server HOST:PORT --identities DIR --terminals N
 *          [--in-flight K (1)] [--seconds S (0)] [--warm-up S (1)]
 *          [--cards N (1000)] [--enrol-cards N] [--hold S] [--pid P] [--json]
 *
 * DIR holds the folders 0001, 0002, … that `identities` made. --enrol-cards
 * sees first that the cards 0 … N-1 are enrolled. --hold says "holding" and
 * leaves all connections in peace for a while. --pid takes the server's
 * processor time from /proc. A latency is from the write of a request to the
 * arrival of its answer.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <netinet/tcp.h>
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
#include "proto/frame.h"
#include "proto/identity.h"
#include "proto/message.h"
#include "tests/bench/figures.h"

#define DIALS_AT_ONCE 64u
#define RECEIVE_SIZE 65536u
#define EVENTS_AT_ONCE 256
#define PATIENCE_US 20000000u /* without any event */

enum slot_kind { SLOT_FREE, SLOT_LOOKUP, SLOT_ENROL, SLOT_EARN };

/* One request in flight. Its id is its place, from 1. */
struct slot {
	enum slot_kind kind;
	uint32_t card;
	uint64_t sent_us;
};

enum till_state { TILL_DIALLING, TILL_SHAKING, TILL_GREETING, TILL_READY };

struct till {
	enum till_state state;
	int handle;
	uint32_t polled;
	struct identity identity;
	struct channel *channel;
	struct frame_reader reader;
	struct buffer input;
	struct buffer plain;
	struct buffer output;
	uint64_t counter; /* the last used */
	struct slot slots[IN_FLIGHT_MAX];
};

enum phase { PHASE_CARDS, PHASE_WARM_UP, PHASE_MEASURE, PHASE_DRAIN };

struct load {
	/* What is asked for. */
	const char *server;
	const char *identities;
	uint32_t till_count;
	uint32_t in_flight;
	uint32_t cards;
	uint32_t enrol_cards;
	double seconds;
	double warm_up_seconds;
	double hold_seconds;
	long pid;
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

__attribute__((noreturn)) static void fail(const char *what, const char *why)
{
	fprintf(stderr, "load: %s: %s\n", what, why);
	exit(2);
}

static void must(enum result result, const char *what, const struct error *err)
{
	if (result != RESULT_OK)
		fail(what, err->text);
}

/* --- cards ---------------------------------------------------------------- */

/* "29", ten digits of the index, and the EAN-13 check digit. */
static void card_number(uint32_t index, char ret_number[14])
{
	unsigned sum = 0;

	snprintf(ret_number, 14, "29%010" PRIu32, index);
	for (size_t i = 0; i < 12; i++)
		sum += (unsigned)(ret_number[i] - '0') * (i % 2 == 0 ? 1 : 3);
	ret_number[12] = (char)('0' + (10 - sum % 10) % 10);
	ret_number[13] = '\0';
}

/* xorshift64: which card is next needs no better. */
static uint32_t load_random(struct load *load, uint32_t below)
{
	load->random ^= load->random << 13;
	load->random ^= load->random >> 7;
	load->random ^= load->random << 17;
	return (uint32_t)(load->random >> 32) % below;
}

/* --- requests ------------------------------------------------------------- */

static void till_write(struct till *till, const tally_Request *request)
{
	struct error err;

	must(message_append_request(&till->plain, request, &err), "a request",
	    &err);
}

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

static void send_earn(
    struct load *load, struct till *till, tally_Request *request, uint32_t card)
{
	tally_Earn *earn = &request->body.earn;

	request->which_body = tally_Request_earn_tag;
	earn->has_operation = true;
	fill_operation(load, till, &earn->operation);
	card_number(card, earn->card);
	earn->amount_minor = 100 + load_random(load, 5000);
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

static void till_poll(struct load *load, struct till *till, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = till};

	if (events == till->polled)
		return;
	if (epoll_ctl(load->epoll,
		till->polled == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, till->handle,
		&event) != 0)
		fail("epoll", strerror(errno));
	till->polled = events;
}

static void till_send(struct load *load, struct till *till)
{
	struct error err;

	if (till->plain.size > 0) {
		must(channel_send(till->channel, buffer_view(&till->plain),
			 &till->output, &err),
		    "TLS", &err);
		till->plain.size = 0;
	}
	while (till->output.size > 0) {
		ssize_t sent = send(till->handle, till->output.data,
		    till->output.size, MSG_NOSIGNAL);

		if (sent < 0 && errno == EAGAIN)
			break;
		if (sent < 0)
			fail("send", strerror(errno));
		buffer_consume(&till->output, (size_t)sent);
	}
	till_poll(
	    load, till, EPOLLIN | (till->output.size > 0 ? EPOLLOUT : 0u));
}

static void till_dial(struct load *load, struct till *till)
{
	int on = 1;
	struct error err;

	till->handle =
	    socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (till->handle < 0)
		fail("socket", strerror(errno));
	setsockopt(till->handle, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(till->handle, (struct sockaddr *)&load->address,
		sizeof(load->address)) != 0 &&
	    errno != EINPROGRESS)
		fail("connect", strerror(errno));
	must(channel_create(till->identity.context, &till->channel, &err),
	    "TLS", &err);
	must(channel_start(till->channel, &till->output, &err), "TLS", &err);
	till_poll(load, till, EPOLLOUT);
}

static void till_greet(struct till *till)
{
	tally_Request request = {
	    .id = 1, .which_body = tally_Request_hello_tag};

	request.body.hello.protocol = 1;
	strcpy(request.body.hello.software, "load");
	till_write(till, &request);
	till->state = TILL_GREETING;
}

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
	till_send(load, till);
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
			till_dial(load, &load->tills[load->dialled++]);
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
		till_send(load, &load->tills[i]);
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

static void load_options(struct load *load, int argc, char **argv)
{
	static const struct option known[] = {
	    {"server", required_argument, NULL, 'a'},
	    {"identities", required_argument, NULL, 'd'},
	    {"terminals", required_argument, NULL, 'n'},
	    {"in-flight", required_argument, NULL, 'k'},
	    {"seconds", required_argument, NULL, 's'},
	    {"warm-up", required_argument, NULL, 'w'},
	    {"cards", required_argument, NULL, 'c'},
	    {"enrol-cards", required_argument, NULL, 'e'},
	    {"hold", required_argument, NULL, 'h'},
	    {"pid", required_argument, NULL, 'p'},
	    {"json", no_argument, NULL, 'j'}, {0}};
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		const char *text = optarg != NULL ? optarg : "";
		double number = strtod(text, NULL);

		switch (option) {
		case 'a':
			load->server = text;
			break;
		case 'd':
			load->identities = text;
			break;
		case 'n':
			load->till_count = (uint32_t)number;
			break;
		case 'k':
			load->in_flight = (uint32_t)number;
			break;
		case 's':
			load->seconds = number;
			break;
		case 'w':
			load->warm_up_seconds = number;
			break;
		case 'c':
			load->cards = (uint32_t)number;
			break;
		case 'e':
			load->enrol_cards = (uint32_t)number;
			break;
		case 'h':
			load->hold_seconds = number;
			break;
		case 'p':
			load->pid = (long)number;
			break;
		case 'j':
			load->is_json = true;
			break;
		default:
			exit(2);
		}
	}
	if (load->server == NULL || load->identities == NULL ||
	    load->till_count < 1 || load->till_count > 9999 ||
	    load->in_flight < 1 || load->in_flight > IN_FLIGHT_MAX ||
	    load->cards < 1 || optind != argc)
		fail("options", "--server, --identities and --terminals are "
				"wanted; see load.c");
}

static void load_finish(struct load *load)
{
	for (uint32_t i = 0; i < load->till_count; i++) {
		struct till *till = &load->tills[i];

		channel_close(till->channel, &till->output);
		till_send(load, till);
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
