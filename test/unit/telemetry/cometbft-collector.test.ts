import { afterEach, describe, expect, it } from 'vitest'
import { createCometbftCollector } from '../../../electron/node/telemetry/cometbft-collector.ts'
import { COMETBFT_SCHEMA, cometbftSampleSchema } from '../../../electron/node/telemetry/cometbft-schema.ts'
import { closeEndpoints, type Question, rpcEndpoint } from './endpoint.ts'
import { createQuietLogger } from './quiet-logger.ts'

afterEach(closeEndpoints)

const VALIDATOR = '5D6A51A8E9899C44079C6AF90618BA0369070E6E'
const OTHER = 'A'.repeat(40)

/** The answers of the OpenAPI document of CometBFT v0.38, with the parts that are not read. */
const status = (height: number, over: object = {}, own: object = {}) => ({
  node_info: {
    protocol_version: { p2p: '8', block: '11', app: '0' },
    id: '5576458aef205977e18fd50b274e9b5d9014525a',
    network: 'cosmoshub-4',
    version: '0.38.17',
    moniker: 'moniker-node',
    other: { tx_index: 'on', rpc_address: 'tcp://0.0.0.0:26657' },
  },
  sync_info: {
    latest_block_hash: '790BA84C3545FCCC49A5C629CEE6EA58A6E875C3862175BDC11EE7AF54703501',
    latest_block_height: String(height),
    latest_block_time: '2019-08-01T11:52:22.818762194Z',
    earliest_block_height: '1',
    catching_up: false,
    ...over,
  },
  validator_info: {
    address: OTHER,
    pub_key: { type: 'tendermint/PubKeyEd25519', value: 'A6DoBUypNtUAyEHWtQ9bFjfNg8Bo9CrnkUGl6k6OHN4=' },
    voting_power: '0',
    ...own,
  },
})

const commit = (height: string, flag: number) => ({
  signed_header: {
    header: { height },
    commit: {
      height,
      round: 0,
      signatures: [
        {
          block_id_flag: 2,
          validator_address: OTHER,
          timestamp: '2019-08-01T11:39:38Z',
          signature: '14jaTQXYRt==',
        },
        flag === 1
          ? { block_id_flag: 1, validator_address: '', timestamp: '0001-01-01T00:00:00Z', signature: null }
          : {
              block_id_flag: flag,
              validator_address: VALIDATOR,
              timestamp: '2019-08-01T11:39:38Z',
              signature: 'AA==',
            },
      ],
    },
  },
  canonical: true,
})

interface Chain {
  height: number
  /** Heights the validator was absent at, or voted nil. */
  absent: Set<number>
  nil: Set<number>
  asked: Question[]
}

function chainEndpoint(chain: Chain, answers: Record<string, unknown> = {}): Promise<string> {
  return rpcEndpoint((question) => {
    chain.asked.push(question)
    if (question.method in answers) return answers[question.method]
    if (question.method === 'status') return status(chain.height)
    if (question.method === 'net_info') return { listening: true, listeners: [], n_peers: '31', peers: [] }
    if (question.method === 'commit') {
      const { height } = question.params as { height: string }
      return commit(height, chain.absent.has(Number(height)) ? 1 : chain.nil.has(Number(height)) ? 3 : 2)
    }
    if (question.method === 'validators') {
      const { page } = question.params as { page: string }
      const validators =
        page === '1'
          ? Array.from({ length: 100 }, () => ({
              address: OTHER,
              voting_power: '5',
              proposer_priority: '-1',
            }))
          : [{ address: VALIDATOR, voting_power: '1194', proposer_priority: '7' }]
      return { block_height: String(chain.height), validators, count: '100', total: '101' }
    }
    return undefined
  })
}

const chainAt = (height: number): Chain => ({ height, absent: new Set(), nil: new Set(), asked: [] })
const collectorOf = (url: string, validator?: string) =>
  createCometbftCollector({
    url,
    validator,
    logger: createQuietLogger(),
    clock: { now: () => Date.parse('2019-08-01T11:52:25.318Z') },
  })

describe('the collector of a CometBFT node', () => {
  it('tells height, age, peers, version and whether it is catching up', async () => {
    const sample = await collectorOf(await chainEndpoint(chainAt(1_262_196))).sample()
    expect(cometbftSampleSchema.parse(sample)).toEqual(sample)
    expect(sample).toMatchObject({
      health: 'ok',
      version: '0.38.17',
      network: 'cosmoshub-4',
      block: { height: 1_262_196, age: 2.5 },
      catchingUp: false,
      peers: 31,
    })
    expect(sample.unavailable).toBeUndefined()
    expect(sample).not.toHaveProperty('validator')
  })

  it('says that a node which follows from behind is catching up', async () => {
    const url = await chainEndpoint(chainAt(7), { status: status(7, { catching_up: true }) })
    expect(await collectorOf(url).sample()).toMatchObject({ health: 'catching-up', catchingUp: true })
  })

  it('counts the commits without the validator’s signature: absent and nil alike', async () => {
    const chain = chainAt(100)
    chain.absent = new Set([102, 103])
    chain.nil = new Set([104])
    const collector = collectorOf(await chainEndpoint(chain), VALIDATOR.toLowerCase())
    const at = async (height: number) => {
      chain.height = height
      return (await collector.sample()).validator
    }
    expect(await at(100)).toMatchObject({
      checked: 1,
      missed: 0,
      missedInRow: 0,
      skipped: 0,
      votingPower: 1194,
    })
    expect(await at(104)).toMatchObject({ checked: 5, missed: 3, missedInRow: 3, skipped: 0 })
    expect(await at(104)).toMatchObject({ checked: 5, missed: 3, missedInRow: 3 })
    expect(await at(105)).toMatchObject({ checked: 6, missed: 3, missedInRow: 0 })
  })

  it('says how many commits it did not look at when heights come too fast, and goes on after a chain begins anew', async () => {
    const chain = chainAt(100)
    const collector = collectorOf(await chainEndpoint(chain), VALIDATOR)
    await collector.sample()
    chain.height = 150
    expect((await collector.sample()).validator).toMatchObject({ checked: 21, skipped: 30 })
    chain.height = 3
    expect((await collector.sample()).validator).toMatchObject({ checked: 22, skipped: 30 })
  })

  it('knows the power of the node’s own validator from its status and asks for no list', async () => {
    const chain = chainAt(5)
    const own = status(5, {}, { address: VALIDATOR, voting_power: '42' })
    const sample = await collectorOf(await chainEndpoint(chain, { status: own }), VALIDATOR).sample()
    expect(sample.validator?.votingPower).toBe(42)
    expect(chain.asked.map(({ method }) => method)).not.toContain('validators')
  })

  it('a validator that is in no page has no power, and a commit that cannot be had is null, not zero', async () => {
    const answers = { validators: { validators: [], total: '0' }, commit: { signed_header: null } }
    const sample = await collectorOf(await chainEndpoint(chainAt(5), answers), VALIDATOR).sample()
    expect(sample.validator).toEqual({
      votingPower: 0,
      checked: null,
      missed: null,
      missedInRow: null,
      skipped: null,
    })
    expect(sample.unavailable).toMatchObject({
      'validator.checked': 'wrong-shape',
      'validator.missed': 'wrong-shape',
    })
  })

  it('a status of another shape leaves what hangs on it null with the reason', async () => {
    const url = await chainEndpoint(chainAt(5), { status: { sync_info: { latest_block_height: 5 } } })
    const sample = await collectorOf(url, VALIDATOR).sample()
    expect(cometbftSampleSchema.parse(sample)).toEqual(sample)
    expect(sample).toMatchObject({
      health: null,
      version: null,
      block: { height: null, age: null },
      peers: 31,
    })
    expect(sample.unavailable).toMatchObject({
      block: 'wrong-shape',
      health: 'wrong-shape',
      validator: 'wrong-shape',
    })
  })

  it('publishes a schema with units', () => {
    expect(JSON.stringify(COMETBFT_SCHEMA)).toContain('"unit":"s"')
  })
})
