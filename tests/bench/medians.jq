# medians: from one object a round to bench.json: medians over the rounds.

def median: sort | if length % 2 == 1 then .[length / 2 | floor]
	else (.[length / 2 - 1] + .[length / 2]) / 2 end;

# The median of each number of the same name.
def medians: . as $rows | .[0] | to_entries
	| map(.key as $key | if (.value | type) == "number"
		then .value = ([$rows[][$key]] | median) else . end)
	| from_entries;

# A list of the one system there is; empty where it was not measured.
def row: if length > 0 then [{system: "tallyd"} + medians] else [] end;

def place: {tallyd: 0, grocer: 1, basket: 2, limit: 3, naive: 4,
	postgresql: 5}[.];

{
	machine: $machine,
	rounds: $rounds,
	seconds: $seconds,
	law: ($law | row),
	earn: ($earn | group_by([(.system | place), .in_flight, .terminals])
		| map(medians | {system, terminals, in_flight, ops_s, p50_ms,
			p99_ms, server_cpu_us})),
	audit: ($audit | row),
	memory: ($memory | row),
	growth: ($growth | row),
}
