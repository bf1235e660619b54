/*
 * Tests of channel: bytes that are no TLS, and memory and threads.
 */
#include "tests/unit/proto/channel_world.h"

#include <malloc.h>
#include <pthread.h>

/* --- bytes that are no TLS ------------------------------------------------ */

static void garbage_is_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
	} garbage[] = {
	    {"GET / HTTP/1.1\r\nHost: shop\r\n\r\n", 29},
	    {"\0\0\0\x05hello", 9},
	    {"\x16\x03\x01\xff\xff\x01\x00\x00\x10", 9},
	    {"\xff\xff\xff\xff\xff\xff\xff\xff", 8},
	    {"SSH-2.0-OpenSSH_9.2\r\n", 21},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++) {
		struct end server;

		end_init(&server, ours.server_context);
		end_receive(
		    &server, bytes_of(garbage[i].bytes, garbage[i].size));
		assert_int_equal(server.result, RESULT_INVALID);
		assert_int_equal(server.plain.size, 0);
		/* And it stays so. */
		end_receive(&server, bytes_of_string("more"));
		assert_int_equal(server.result, RESULT_CLOSED);
		end_finish(&server);
	}
}

static void a_changed_byte_in_a_record_is_refused(void **state)
{
	(void)state;
	for (size_t at = 0; at < 4 + 22; at++) {
		struct pair pair;

		pair_open(&pair);
		end_send(&pair.client, bytes_of_string("till"));
		pair.client.output.data[at] ^= 1;
		deliver(&pair.client, &pair.server, SIZE_MAX);
		/* One that makes the record longer waits for its end. */
		assert_int_equal(pair.server.plain.size, 0);
		if (at != 3)
			assert_int_not_equal(pair.server.result, RESULT_OK);
		pair_finish(&pair);
	}
}

static void a_record_sent_twice_is_refused(void **state)
{
	struct pair pair;
	struct bytes record;

	(void)state;
	pair_open(&pair);
	end_send(&pair.client, bytes_of_string("once"));
	record = buffer_view(&pair.client.output);
	end_receive(&pair.server, record);
	OK(pair.server.result);
	end_receive(&pair.server, record);
	assert_int_equal(pair.server.result, RESULT_INVALID);
	holds(&pair.server, bytes_of_string("once"));
	pair_finish(&pair);
}

static void a_hello_cut_anywhere_waits(void **state)
{
	struct end client;

	(void)state;
	end_init(&client, ours.till_context);
	OK(channel_start(client.channel, &client.output, NULL));
	for (size_t size = 0; size < client.output.size; size++) {
		struct end server;

		end_init(&server, ours.server_context);
		end_receive(&server, bytes_of(client.output.data, size));
		OK(server.result);
		assert_int_equal(server.output.size, 0);
		end_finish(&server);
	}
	end_finish(&client);
}

static void a_first_message_of_absurd_size_is_refused_at_once(void **state)
{
	/* A record of 16 KiB, in it a ClientHello of 16,385 and more. */
	static const uint8_t heads[][9] = {
	    {0x16, 3, 1, 0x40, 0, 1, 0x00, 0x40, 0x01},
	    {0x16, 3, 1, 0x40, 0, 1, 0x02, 0x00, 0x00},
	    {0x16, 3, 1, 0x00, 4, 1, 0xff, 0xff, 0xff},
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		for (size_t piece = 1; piece <= 9; piece++) {
			struct end server;

			end_init(&server, ours.server_context);
			OK(server.result);
			for (size_t at = 0; at < 9; at += piece) {
				size_t left = 9 - at;

				end_receive(
				    &server, bytes_of(&heads[i][at],
						 left < piece ? left : piece));
			}
			assert_int_equal(server.result, RESULT_LIMIT);
			end_finish(&server);
		}
	}
}

/* A server whose certificates are past all measure. */
static void a_handshake_past_its_bound_is_refused(void **state)
{
	SSL_CTX *context = stranger_server();
	const unsigned char *der = ours.authority.data;
	X509 *authority = d2i_X509(NULL, &der, (long)ours.authority.size);

	(void)state;
	for (int i = 0; i < 200; i++)
		assert_int_equal(
		    1, SSL_CTX_add1_chain_cert(context, authority));
	assert_int_equal(till_meets(context), RESULT_LIMIT);
	X509_free(authority);
}

/* --- memory and threads --------------------------------------------------- */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MEMORY_IS_KNOWN 0
#else
#define MEMORY_IS_KNOWN 1
#endif

static void an_idle_channel_of_the_server_is_small(void **state)
{
	enum { PAIRS = 40 };
	struct pair pairs[PAIRS];
	size_t with, without;

	(void)state;
	if (!MEMORY_IS_KNOWN)
		skip();
	for (size_t i = 0; i < PAIRS; i++) {
		pair_open(&pairs[i]);
		works(&pairs[i]);
		buffer_finish(&pairs[i].server.plain);
		buffer_finish(&pairs[i].server.output);
	}
	with = mallinfo2().uordblks;
	for (size_t i = 0; i < PAIRS; i++)
		end_finish(&pairs[i].server);
	without = mallinfo2().uordblks;
	/* 19 KiB with OpenSSL 3.0; one record buffer more would be 35. */
	assert_in_range((with - without) / PAIRS, 1024, 22 * 1024);
	for (size_t i = 0; i < PAIRS; i++)
		end_finish(&pairs[i].client);
}

static void *shake_many(void *argument)
{
	size_t *opened = argument;

	for (int i = 0; i < 8; i++) {
		struct pair pair;

		pair_shake(
		    &pair, ours.till_context, ours.server_context, SIZE_MAX);
		if (channel_is_open(pair.server.channel))
			(*opened)++;
		pair_finish(&pair);
	}
	return NULL;
}

static void threads_share_a_context(void **state)
{
	pthread_t threads[3];
	size_t opened[3] = {0};

	(void)state;
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(0,
		    pthread_create(&threads[i], NULL, shake_many, &opened[i]));
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(0, pthread_join(threads[i], NULL));
		assert_int_equal(opened[i], 8);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(garbage_is_refused),
	    cmocka_unit_test(a_changed_byte_in_a_record_is_refused),
	    cmocka_unit_test(a_record_sent_twice_is_refused),
	    cmocka_unit_test(a_hello_cut_anywhere_waits),
	    cmocka_unit_test(a_first_message_of_absurd_size_is_refused_at_once),
	    cmocka_unit_test(a_handshake_past_its_bound_is_refused),
	    cmocka_unit_test(an_idle_channel_of_the_server_is_small),
	    cmocka_unit_test(threads_share_a_context),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
