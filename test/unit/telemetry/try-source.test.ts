import { afterEach, describe, expect, it } from 'vitest'
import { listMetrics, trySource } from '../../../electron/node/telemetry/try-source.ts'
import { MAX_LISTED_METRICS, type SourceInput, sourceSchema } from '../../../shared/sources.ts'
import { closeEndpoints, endpoint, HOSTILE_ENDPOINTS, rpcEndpoint } from './endpoint.ts'
import { createQuietLogger } from './quiet-logger.ts'

afterEach(closeEndpoints)

const around = { dataDir: '/', logger: createQuietLogger(), clock: Date }
const source = (more: object) =>
  sourceSchema.parse({ name: 'tried', intervalMs: 1_000, ...more } as SourceInput)
const EXPOSITION = [
  '# HELP cpu_seconds CPU time.',
  'cpu_seconds{core="0"} 1',
  'cpu_seconds{core="1"} 2',
  'load 0.5',
].join('\n')

describe('a test of a source', () => {
  it('says what would be published, with its schema', async () => {
    const url = await endpoint((_request, response) => response.end(EXPOSITION))
    const trial = await trySource(source({ kind: 'prometheus', url, metrics: ['load', 'gone'] }), around)
    expect(trial).toMatchObject({
      sample: { metrics: { load: 0.5 } },
      unavailable: { 'metrics.gone': 'absent' },
      schema: { properties: { metrics: {} } },
    })
  })

  it('looks twice where a reading compares two looks', async () => {
    let height = 6
    const answers: Record<string, unknown> = {
      eth_syncing: false,
      net_peerCount: '0x1',
      web3_clientVersion: 'x/1',
    }
    const url = await rpcEndpoint(({ method }) => {
      if (method !== 'eth_getBlockByNumber') return answers[method] ?? '0x0'
      height += 1
      const at = `0x${(1_700_000_000 + height * 2).toString(16)}`
      return {
        number: `0x${height.toString(16)}`,
        timestamp: at,
        gasUsed: '0x0',
        gasLimit: '0x1',
        transactions: [],
      }
    })
    const trial = await trySource(source({ kind: 'evm', url }), around)
    expect(trial.sample).toMatchObject({ block: { height: 8, interval: 2 }, peers: 1 })
    expect(Object.values(trial.unavailable)).not.toContain('not-yet')
  })

  it.each(HOSTILE_ENDPOINTS)(
    'tells of an endpoint that %s without a reading, its words or its address',
    async (_what, _reason, handler) => {
      const url = await endpoint(handler)
      const trial = await trySource(source({ kind: 'cometbft', url }), around)
      expect(Object.keys(trial.unavailable).length).toBeGreaterThan(0)
      expect(JSON.stringify(trial)).not.toMatch(/secret|<html|hostile/i)
    },
  )

  it('ends with whoever asked for it', async () => {
    const url = await endpoint(() => undefined)
    const leaving = new AbortController()
    const trial = trySource(source({ kind: 'evm', url }), around, leaving.signal)
    leaving.abort()
    await expect(trial).rejects.toMatchObject({ name: 'AbortError' })
  })
})

describe('what an exporter offers', () => {
  it('is listed by name, each once, with its help', async () => {
    const url = await endpoint((_request, response) => response.end(EXPOSITION))
    expect(await listMetrics(url)).toEqual({
      names: [
        { name: 'cpu_seconds', count: 2, help: 'CPU time.' },
        { name: 'load', count: 1, help: null },
      ],
      isCut: false,
    })
  })

  it('is bounded', async () => {
    const many = Array.from({ length: MAX_LISTED_METRICS + 5 }, (_, n) => `m${n} 1`).join('\n')
    const url = await endpoint((_request, response) => response.end(many))
    const { names, isCut } = await listMetrics(url)
    expect({ count: names.length, isCut }).toEqual({ count: MAX_LISTED_METRICS, isCut: true })
  })

  it('is no page of HTML, and what is wrong is said without the address', async () => {
    const url = await endpoint((_request, response) => response.end('<html><p>hostile</p></html>'))
    const error = await listMetrics(url).catch((caught: Error) => caught)
    expect(error).toMatchObject({
      code: 'invalid-input',
      message: 'What is at this address is no Prometheus exporter.',
    })
    expect(JSON.stringify(error)).not.toContain('secret')
    await expect(listMetrics('file:///etc/passwd')).rejects.toMatchObject({ code: 'invalid-input' })
  })
})
