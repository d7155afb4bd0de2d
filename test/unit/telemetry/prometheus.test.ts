import fc from 'fast-check'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { afterEach, describe, expect, it } from 'vitest'
import { createMetricPattern } from '../../../electron/node/telemetry/metric-pattern.ts'
import {
  createPrometheusCollector,
  prometheusSampleSchema,
} from '../../../electron/node/telemetry/prometheus-collector.ts'
import { fullName, parseExposition, parseSample } from '../../../electron/node/telemetry/prometheus-text.ts'
import { closeEndpoints, endpoint } from './endpoint.ts'
import { createQuietLogger } from './quiet-logger.ts'

afterEach(closeEndpoints)

const all = () => true
const name = fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,20}$/)
const label = fc.tuple(fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,10}$/), fc.string({ maxLength: 30 }))
const value = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(Number.NaN, Infinity, -Infinity))

const escaped = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')
const written = (number: number): string =>
  Number.isNaN(number) ? 'NaN' : number === Infinity ? '+Inf' : number === -Infinity ? '-Inf' : String(number)

describe('the text format of Prometheus', () => {
  it('reads back whatever was written by its rules', () => {
    fc.assert(
      fc.property(
        name,
        fc.array(label, { maxLength: 5 }),
        value,
        fc.option(fc.integer()),
        (metric, labels, number, time) => {
          const pairs = labels.map(([key, text]) => `${key}="${escaped(text)}"`).join(',')
          const line = `${metric}${labels.length > 0 ? `{${pairs}}` : ''} ${written(number)}${time === null ? '' : ` ${time}`}`
          // A line of the format holds no other line ends than its own.
          fc.pre(!/[\r\u2028\u2029]/.test(line))
          expect(parseSample(line)).toEqual({ name: metric, labels, value: number })
        },
      ),
    )
  })

  it('takes any text without an error and keeps count of what is none of it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string({ maxLength: 60 }), fc.constantFrom('a 1', 'b{c="d"} 2', '# x'))),
        (lines) => {
          const { samples, badLines } = parseExposition(lines.join('\n'), all)
          const counted = lines
            .join('\n')
            .split('\n')
            .filter((line) => line.trim() !== '' && !line.trim().startsWith('#'))
          expect(samples.length + badLines).toBe(counted.length)
        },
      ),
    )
  })

  it.each([
    ['http_requests_total{method="post",code="200"} 1027 1395066363000', 1_027],
    [
      'msdos_file_access_time_seconds{path="C:\\\\DIR\\\\FILE.TXT",error="Cannot find file:\\n\\"FILE.TXT\\""} 1.458255915e9',
      1.458255915e9,
    ],
    ['metric_without_timestamp_and_labels 12.47', 12.47],
    ['something_weird{problem="division by zero"} +Inf -3982045', Infinity],
    ['trailing_comma{a="b",} 1', 1],
    ['spaces { a = "b" , c = "d" }  1', 1],
    ['http_request_duration_seconds_bucket{le="+Inf"} 144320', 144_320],
  ])('reads %s of the format’s own page', (line, expected) => {
    expect(parseSample(line)?.value).toBe(expected)
  })

  it.each([
    '1abc 2',
    'a',
    'a{b} 1',
    'a{b="c} 1',
    'a{b="c"',
    'a{b="c"} one',
    'a 1 2 3',
    'a{b="c" d="e"} 1',
    '<html>',
  ])('does not read %s', (line) => {
    expect(parseSample(line)).toBeNull()
  })

  it('bounds lines in number and length, and labels', () => {
    expect(parseExposition('a 1\n'.repeat(200_001), all)).toMatchObject({ isCut: true })
    expect(parseExposition(`a{b="${'x'.repeat(20_000)}"} 1\nc 2`, all)).toMatchObject({
      badLines: 1,
      samples: [{ name: 'c' }],
    })
    expect(parseSample(`a{${Array.from({ length: 65 }, (_, i) => `l${i}="x"`).join(',')}} 1`)).toBeNull()
  })
})

describe('patterns of metrics', () => {
  it('match as a regular expression of the same meaning does', () => {
    const text = fc.stringMatching(/^[ab]{0,12}$/)
    fc.assert(
      fc.property(fc.stringMatching(/^[ab*]{0,8}$/), text, (pattern, metric) => {
        const expected = new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(metric)
        expect(createMetricPattern(pattern).matches(metric)).toBe(expected)
      }),
      { numRuns: 2_000 },
    )
  })
})

const EXPOSITION = `# HELP node_load1 1m load average.
# TYPE node_load1 gauge
node_load1 0.42
node_filesystem_avail_bytes{device="/dev/sda1",fstype="ext4",mountpoint="/"} 4.2e+10
node_filesystem_avail_bytes{device="tmpfs",fstype="tmpfs",mountpoint="/run"} 1.6e+09
substrate_block_height{status="best",chain="dot"} 2.1e+07
broken_ratio NaN
`
const collectorOf = (url: string, metrics: string[]) =>
  createPrometheusCollector({ url, metrics, logger: createQuietLogger() })

describe('the collector of a Prometheus exporter', () => {
  it('picks metrics by pattern, over names and over labels, and names what is not there', async () => {
    const url = await endpoint((_request, response) => response.end(EXPOSITION))
    const patterns = [
      'node_load*',
      '*{*mountpoint="/"*}',
      'substrate_block_height',
      'broken_*',
      'geth.nothing',
    ]
    const sample = await collectorOf(url, patterns).sample()
    expect(prometheusSampleSchema.parse(sample)).toEqual(sample)
    expect(sample.metrics).toEqual({
      node_load1: 0.42,
      'node_filesystem_avail_bytes{device="/dev/sda1",fstype="ext4",mountpoint="/"}': 4.2e10,
      'substrate_block_height{chain="dot",status="best"}': 2.1e7,
      broken_ratio: null,
    })
    expect(sample.unavailable).toEqual({
      'metrics.broken_ratio': 'not-a-number',
      'metrics.geth\\.nothing': 'absent',
    })
  })

  it('reads a real exporter', async () => {
    const registry = new Registry()
    new Gauge({ name: 'app_height', help: 'height', registers: [registry] }).set(7)
    new Counter({
      name: 'app_total',
      help: 'count "quoted"\\',
      labelNames: ['path'],
      registers: [registry],
    }).inc({ path: 'a\n"b"\\' }, 3)
    new Histogram({ name: 'app_seconds', help: 'time', registers: [registry], buckets: [1, 2] }).observe(1.5)
    const url = await endpoint((_request, response) => {
      void registry.metrics().then((text) => response.end(text))
    })
    expect((await collectorOf(url, ['app_*']).sample()).metrics).toEqual({
      app_height: 7,
      'app_total{path="a\\n\\"b\\"\\\\"}': 3,
      'app_seconds_bucket{le="1"}': 0,
      'app_seconds_bucket{le="2"}': 1,
      'app_seconds_bucket{le="+Inf"}': 1,
      app_seconds_sum: 1.5,
      app_seconds_count: 1,
    })
  })

  it('publishes no more than a stream part can index, and says so', async () => {
    const many = Array.from({ length: 500 }, (_, i) => `m${i} ${i}\n`).join('')
    const url = await endpoint((_request, response) => response.end(many))
    const sample = await collectorOf(url, ['m*']).sample()
    expect(Object.keys(sample.metrics)).toHaveLength(128)
    expect(sample.unavailable).toEqual({ metrics: 'too-many' })
  })

  it('keeps a metric by any name as a plain key', async () => {
    const url = await endpoint((_request, response) => response.end('__proto__ 1\nconstructor 2\n'))
    const { metrics } = await collectorOf(url, ['*']).sample()
    expect(Object.entries(metrics)).toEqual([
      ['__proto__', 1],
      ['constructor', 2],
    ])
  })

  it('names samples by their labels in one order', () => {
    expect(
      fullName({
        name: 'a',
        labels: [
          ['z', '1'],
          ['b', '2'],
        ],
        value: 0,
      }),
    ).toBe('a{b="2",z="1"}')
  })
})
