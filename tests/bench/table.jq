# table: bench.json for people: what was measured, and each figure that was to
# be reached beside it.

def left($width): . + " " * ([$width - length, 0] | max);
def right($width): " " * ([$width - length, 0] | max) + .;

def digits($places): if . == null then "-" else
	(. * pow(10; $places) | round) as $whole
	| if $places == 0 then "\($whole)" else
		($whole / pow(10; $places) | floor | tostring) + "."
		+ ("\($whole % pow(10; $places))" | "0" * ($places - length) + .)
	end end;

def thousands: if . == null then "-" else (round | tostring)
	| [while(length > 0; .[:-3]) | .[-3:]] | reverse | join(",") end;

def rate($system; $terminals; $in_flight): first(.earn[]
	| select(.system == $system and .terminals == $terminals
		and .in_flight == $in_flight)) // null;

# A figure against what is wanted of it; null where it was not measured.
def goal($name; $value; $least; $most; $places; $unit):
	(if $least != null then ">= \($least)" else "< \($most)" end) as $want
	| (if $value == null then "not measured"
		elif $least != null and $value >= $least then "reached"
		elif $most != null and $value < $most then "reached"
		else "NOT reached" end) as $verdict
	| "  " + ($name | left(44)) + ($value | digits($places) | right(10))
		+ " " + ($unit | left(10)) + ($want | left(12)) + $verdict;
def at_least($name; $value; $least): goal($name; $value; $least; null; 2; "x");
def below($name; $value; $most; $unit): goal($name; $value; null; $most; 2; $unit);

def ratio_of($system; $terminals; $in_flight; $peer):
	(rate($system; $terminals; $in_flight).ops_s) as $ours
	| (rate($peer; $terminals; $in_flight).ops_s) as $theirs
	| if $ours == null or $theirs == null then null else $ours / $theirs end;

def ratio($terminals; $in_flight; $peer):
	ratio_of("tallyd"; $terminals; $in_flight; $peer);

def earn_line: "  " + (.system | left(12)) + ("\(.terminals)" | right(9))
	+ ("\(.in_flight)" | right(11)) + (.ops_s | thousands | right(11))
	+ (.p50_ms | digits(2) | right(9)) + (.p99_ms | digits(2) | right(9))
	+ (.server_cpu_us | digits(1) | right(15));

"Machine: \(.machine.cores) cores of \(.machine.processor), "
	+ "\(.machine.memory_mib) MiB, \(.machine.kernel), \(.machine.disk); "
	+ "the client runs on it too.",
"Medians of \(.rounds) round\(if .rounds == 1 then "" else "s" end) of "
	+ "\(.seconds) s each.",
if .earn | length > 0 then
	"",
	"Durable earns over mutual TLS (grocer: tallyd with the rules of "
		+ "server/programmes/grocer.ini;",
	"basket: the same, with five lines a sale; postgresql: TLS, one "
		+ "function a sale)",
	"",
	"  system      terminals  in flight      ops/s   p50 ms   p99 ms"
		+ "  server us/op",
	(.earn[] | earn_line)
else empty end,
"",
"Figures to reach",
"",
if .law | length > 0 then
	"  (the law alone, one core; members in memory, 200,000 of them)",
	goal("a plain earning: decide, apply"; .law[0].plain_s; 1000000; null; 0;
		"/s"),
	goal("the same: twenty rules, ten lots"; .law[0].rules_s; 300000; null; 0;
		"/s"),
	below("a member without lots"; .law[0].rules_0_bytes; 200; "bytes"),
	below("one lot, twenty rules"; .law[0].rules_1_bytes; 224; "bytes"),
	below("ten lots, twenty rules"; .law[0].rules_10_bytes; 440; "bytes")
else empty end,
if .earn | length > 0 then
	at_least("64 terminals: to naive"; ratio(64; 1; "naive"); 10),
	at_least("64 terminals: to postgresql"; ratio(64; 1; "postgresql"); 6),
	at_least("64 terminals: to the limit"; ratio(64; 1; "limit"); 0.7),
	below("64 terminals: p99"; rate("tallyd"; 64; 1).p99_ms; 5; "ms"),
	at_least("1,000 terminals: to the limit"; ratio(1000; 1; "limit"); 0.75),
	at_least("64 x 16: to the limit"; ratio(64; 16; "limit"); 0.4),
	at_least("64 x 16: to naive"; ratio(64; 16; "naive"); 40),
	at_least("64 terminals: a grocer's rules to plain ones";
		ratio_of("grocer"; 64; 1; "tallyd"); 0.8),
	at_least("1,000 terminals: the same";
		ratio_of("grocer"; 1000; 1; "tallyd"); 0.8),
	at_least("64 x 16: the same"; ratio_of("grocer"; 64; 16; "tallyd"); 0.8)
else empty end,
if .audit | length > 0 then
	"  (a ledger of \(.audit[0].entries | thousands) entries, one core)",
	goal("audit, hashes and tree"; .audit[0].hashes_entries_s; 700000; null; 0;
		"entries/s"),
	goal("audit, with the law"; .audit[0].law_entries_s; 300000; null; 0;
		"entries/s"),
	below("start-up after kill -9"; .audit[0].start_up_ms / 1000; 2; "s")
else empty end,
if .memory | length > 0 then
	below("server, idle"; .memory[0].server_idle_kib / 1024; 20; "MiB"),
	below("server, each connected till"; .memory[0].server_till_kib; 30; "KiB"),
	below("till"; .memory[0].till_rss_kib / 1024; 12; "MiB"),
	below("till, from its start to the server"; .memory[0].till_start_ms; 100;
		"ms"),
	below("scan to balance: p99"; .memory[0].scan_p99_ms; 5; "ms")
else empty end,
if .growth | length > 0 then
	at_least("64 x 16: at \(.growth[0].entries | thousands) entries to the start";
		.growth[0].last_ops_s / .growth[0].first_ops_s; 0.9)
else
	"  growth: not measured (QUICK, or not asked for)"
end
