/*
 * limits: every bound of Tallystick, with its unit, in one place.
 *
 * Each has a named refusal or error for what goes past it, and a test.
 */
#ifndef COMMON_BASE_LIMITS_H
#define COMMON_BASE_LIMITS_H

/* The ledger. */
#define ENTRY_SIZE_MAX 65535u	    /* bytes of one encoded record */
#define ENTRY_TEXT_SIZE_MAX 60000u  /* bytes of a programme in an entry */
#define SHOP_NAME_SIZE_MAX 64u	    /* bytes of UTF-8 */
#define RECEIPT_SIZE_MAX 40u	    /* bytes of a till's receipt number */
#define REWARD_ID_SIZE_MAX 32u	    /* bytes, [a-z0-9_-] */
#define NAME_SIZE_MAX 64u	    /* bytes of UTF-8: rewards, tills, staff */
#define POINTS_MAX 1000000000000ull /* points one entry may move */
#define AMOUNT_MINOR_MAX 100000000000ull /* minor units of one sale, 1e9.00 */
#define BALANCE_POINTS_MAX 1000000000000000ll /* points of one account */
#define REWARDS_MAX 64u			      /* rewards in one programme */
#define TERMINALS_MAX 65535u		      /* highest terminal number */
#define CASHIERS_MAX 65535u		      /* highest cashier number */
#define COUNTER_MAX 0x7fffffffffffffffull     /* SQLite's largest integer */
#define SEQUENCE_MAX 0x7fffffffffffffffull
#define BATCH_ENTRIES_MAX 4096u /* operations in one group commit */

/* The law. Whatever a programme says, it says it within these. */
#define RULES_MAX 64u	    /* ways to earn in one programme */
#define NAMES_MAX 512u	    /* categories, products, … named in it */
#define TIERS_MAX 8u	    /* tiers above the ground floor */
#define RULE_GROUPS_MAX 16u /* groups of rules of which the best counts */
#define MULTIPLY_MILLI_MAX 100000u /* a hundredfold, in thousandths */
#define LINES_MAX 100u		   /* lines of one sale */
#define LINE_NAME_SIZE_MAX 32u	   /* bytes of a category or a product */
#define LINE_QUANTITY_MAX 1000000u /* items of one line */
#define LOTS_MAX 2048u		   /* lots of one member */
#define COUNTERS_MAX 1024u	   /* caps and limits kept of one member */
#define SEGMENTS_MAX 16u	   /* segments of one member */
#define HOLDS_MAX 16u		   /* open holds of one member */
#define CARDS_MAX 16u		   /* cards of one member, lost ones included */
#define JOINED_MAX 64u		   /* members that pool with one other */
#define SPENT_DAYS_MAX 4096u	   /* days in a rolling window of a tier */
#define TOMBSTONES_MAX 10000u	   /* operations voided before they arrived */
#define REASON_SIZE_MAX 80u	   /* bytes of why points were corrected */
#define SHOP_ID_SIZE_MAX 32u	   /* bytes of a shop's id within a chain */
#define PHONE_SIZE_MAX 32u	   /* bytes of a member's phone number */
#define SEGMENT_WALK_MAX 1000u /* entries of a member read for their names */
#define SEGMENT_SIZE_MAX 32u   /* bytes of a segment's id */
#define SOLD_SLACK_MS 60000u   /* a sale this fresh is sold when recorded */

/* What a programme's text may say of times. */
#define PROGRAMME_DAYS_MAX 36500u    /* of anything in days … */
#define PROGRAMME_MONTHS_MAX 1200u   /* … and in months */
#define PROGRAMME_TIMES_MAX 1000000u /* how often; and one in so many */
#define BIRTHDAY_DAYS_MAX 182u	     /* what is near one, on either side */
#define LATE_DAYS 7u /* that a till's own time may be late, unless said */
#define LATE_DAYS_MAX 366u
#define HOLD_MINUTES 10u /* of a redemption under way, unless said */
#define HOLD_MINUTES_MAX 10080u

/* Cards and scans. */
#define SCAN_SIZE_MAX 512u   /* bytes between two ends of a scan */
#define SCAN_IDLE_MS 100u    /* silence that discards a scan without an end */
#define SCAN_REPEAT_MS 1000u /* the same card again within this is one scan */
#define CARD_SIZE_MAX 32u    /* characters of a card number */

/* The night, and an import of opening balances. */
#define NIGHT_ENTRIES_MAX 256u	  /* entries that one slice of it stages */
#define NIGHT_MEMBERS_MAX 4096u	  /* members that one slice looks at */
#define IMPORT_SIZE_MAX 67108864u /* bytes of the file */
#define IMPORT_LINES_MAX 250000u  /* lines of it: tills wait for all of them */
#define IMPORT_LINE_SIZE_MAX 512u /* bytes of one line */

/* The protocol. */
#define FRAME_REQUEST_SIZE_MAX 12288u /* bytes, till to server */
#define FRAME_REPLY_SIZE_MAX 8192u    /* bytes, server to till */
#define ENTRIES_CHUNK_SIZE_MAX 4096u  /* bytes of records in one reply */
#define ENTRIES_CHUNKS_MAX 32u	      /* replies to one request for entries */
#define HISTORY_MAX 20u		      /* lines in one history reply */
#define REWARDS_PAGE_MAX 16u	      /* rewards in one reply */
#define SAY_SIZE_MAX 160u	      /* bytes of a sentence for the cashier */
#define TOKEN_SIZE_MAX 96u	      /* characters of an enrolment token */
#define CSR_SIZE_MAX 1024u	      /* bytes, DER */
#define CERTIFICATE_SIZE_MAX 2048u    /* bytes, DER */
#define PIN_SIZE_MIN 4u		      /* digits */
#define PIN_SIZE_MAX 12u	      /* digits */
#define CHECKPOINT_SIZE_MAX 1024u     /* bytes of a signed note */

/* Time on the wire. */
#define HANDSHAKE_MS_MAX 10000u /* from accept to the end of the handshake */
#define FIRST_REQUEST_MS_MAX 10000u /* from there to the first request */
#define REQUEST_MS_MAX 10000u	    /* from a frame's first byte to its last */
#define IDLE_MS_MAX 300000u	    /* without any request */
#define PING_MS 60000u		    /* a till's ping on a quiet connection */
#define TOKEN_MS 3600000u	    /* a token's life unless said otherwise */
#define TICKET_MS_MAX 604800000u    /* a cashier's ticket: seven days */
#define PIN_WRONG_MAX 5u    /* wrong PINs in a row before the lock-out */
#define PIN_LOCK_MS 300000u /* how long a lock-out lasts */

/* Connections. */
#define CONNECTIONS_MAX 4096u		/* open at once, unless configured */
#define HANDSHAKES_MAX 512u		/* unfinished at once */
#define IN_FLIGHT_MAX 64u		/* requests of one connection */
#define OUTPUT_QUEUED_SIZE_MAX 262144u	/* bytes waiting for one slow reader */
#define HANDSHAKE_INPUT_SIZE_MAX 65536u /* bytes read before it has ended */

/* The till. */
#define JSON_LINE_SIZE_MAX 16384u /* bytes of one line in */
#define OUTBOX_MAX 10000u	  /* operations waiting for the server */

#endif
