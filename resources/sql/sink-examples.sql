-- Questions to the sinks of a Tidemark node, over the read-only views. They work as they stand for the schema
-- `telemetry` and the node's own streams: `tidemark sink add '0x…/tidemark/machine#0'` and the same for `chain`.
-- With psql: psql "host=… dbname=… user=tidemark_reader" -f sink-examples.sql

-- Which streams are written, and how many values found no column.
SELECT table_name, stream_id, stream_partition, row_count, unfit, omitted, written_at
FROM telemetry_views.sinks
ORDER BY table_name;

-- Which column each field of a stream has.
SELECT path, column_name, column_type, added_at
FROM telemetry_views.sink_columns
WHERE table_name = 'machine'
ORDER BY path;

-- Load by the minute, of what was verified.
SELECT date_trunc('minute', tm_time) AS minute, tm_publisher, avg(cpu_total) AS cpu, max(load_m1) AS load
FROM telemetry_views.machine
WHERE tm_verdict = 'verified' AND tm_time > now() - interval '1 day'
GROUP BY 1, 2
ORDER BY 1 DESC, 2
LIMIT 1000;

-- Percentiles of an hour for each publisher.
SELECT tm_publisher,
  count(*) AS messages,
  percentile_cont(0.5) WITHIN GROUP (ORDER BY cpu_total) AS median,
  percentile_cont(0.99) WITHIN GROUP (ORDER BY cpu_total) AS p99
FROM telemetry_views.machine
WHERE tm_verdict = 'verified' AND tm_time > now() - interval '1 hour'
GROUP BY tm_publisher
ORDER BY p99 DESC NULLS LAST;

-- Silences of more than ten seconds: what was not measured is not drawn.
SELECT tm_publisher, tm_time AS silent_since, next_time AS until, next_time - tm_time AS silent_for
FROM (
  SELECT tm_publisher, tm_time, lead(tm_time) OVER (PARTITION BY tm_publisher ORDER BY tm_time, tm_sequence) AS next_time
  FROM telemetry_views.machine
  WHERE tm_verdict = 'verified'
) AS steps
WHERE next_time - tm_time > interval '10 seconds'
ORDER BY silent_for DESC
LIMIT 100;

-- Messages that are not verified, and why.
SELECT tm_verdict, tm_reason, count(*) AS messages, min(tm_time) AS first, max(tm_time) AS last
FROM telemetry_views.machine
WHERE tm_verdict <> 'verified'
GROUP BY 1, 2
ORDER BY messages DESC;

-- Publishers that signed two contents for one message id.
SELECT tm_publisher, tm_time, tm_sequence, count(DISTINCT tm_digest) AS contents
FROM telemetry_views.machine
WHERE tm_equivocation
GROUP BY 1, 2, 3
HAVING count(DISTINCT tm_digest) > 1
ORDER BY tm_time DESC
LIMIT 100;

-- How long messages were under way.
SELECT percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY extract(epoch FROM tm_received_at - tm_time)) AS seconds
FROM telemetry_views.machine
WHERE tm_verdict = 'verified' AND tm_received_at < tm_time + interval '1 hour';

-- Values that stand beside the columns.
SELECT rest.key AS path, rest.value, count(*) AS times, max(tm_time) AS last
FROM telemetry_views.machine, jsonb_each(tm_rest) AS rest
GROUP BY 1, 2
ORDER BY times DESC
LIMIT 100;

-- Two streams side by side: the load of the machine while blocks came slowly.
SELECT c.minute, c.block_interval, m.load
FROM (
  SELECT date_trunc('minute', tm_time) AS minute, avg(block_interval) AS block_interval
  FROM telemetry_views.chain WHERE tm_verdict = 'verified' GROUP BY 1
) AS c
JOIN (
  SELECT date_trunc('minute', tm_time) AS minute, max(load_m1) AS load
  FROM telemetry_views.machine WHERE tm_verdict = 'verified' GROUP BY 1
) AS m ON m.minute = c.minute
ORDER BY c.block_interval DESC NULLS LAST
LIMIT 100;
