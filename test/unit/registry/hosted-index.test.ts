import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createGraphServer } from '../../../electron/node/registry/graph-server.ts'
import { createHostedDirectory } from '../../../electron/node/registry/hosted-directory.ts'
import { createHostedIndex, type HostedIndex } from '../../../electron/node/registry/hosted-index.ts'
import {
  HOSTED_COOL_DOWN_MS,
  HOSTED_META_INTERVAL_MS,
  MAX_HOSTED_LAG_BLOCKS,
} from '../../../electron/node/registry/limits.ts'
import { createStreamDirectory } from '../../../electron/node/registry/stream-directory.ts'
import { ALICE, BOB, Cleanup, indexOf, OWNER, STREAM, silentLogger } from './fixtures.ts'
import { created, ownership, permission, ScriptedChain } from './scripted-chain.ts'

const ELSEWHERE = 'somebody.eth/far-away'
const cleanup = new Cleanup()
let server: Server
let asked: string[]
let meta: { block: { number: number }; hasIndexingErrors: boolean }
let answer: (query: string) => string | Promise<string>
let status = 200
let now = 1_000
let hosted: HostedIndex
let index: ReturnType<typeof indexOf>

beforeEach(async () => {
  const chain = new ScriptedChain()
  await chain.listen()
  cleanup.add(() => chain.close())
  chain.mine([created(STREAM), ownership(STREAM, OWNER), permission(STREAM, ALICE, 5_000n)])
  index = indexOf([chain], cleanup)
  await index.start()
  await index.awaitBlock(1)
  asked = []
  status = 200
  now = 1_000
  meta = { block: { number: 1 }, hasIndexingErrors: false }
  answer = () => JSON.stringify({ data: { streams: [{ id: ELSEWHERE, metadata: '{"partitions":3}' }] } })
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { query } = JSON.parse(Buffer.concat(chunks).toString()) as { query: string }
    asked.push(query)
    const body = query.includes('_meta') ? JSON.stringify({ data: { _meta: meta } }) : await answer(query)
    response.writeHead(status).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanup.add(async () => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/secret-key`
  const clock = { now: () => now }
  hosted = createHostedIndex({ url, chainBlock: () => 1, clock, logger: silentLogger })
})
afterEach(() => cleanup.run())

const search = async () => {
  const directory = createHostedDirectory(hosted, createStreamDirectory(index))
  return (await directory.search('m', 10)).map(({ id, partitions }) => ({ id, partitions }))
}
const OWN = [{ id: STREAM, partitions: 1 }]
const THEIRS = [{ id: ELSEWHERE, partitions: 3 }]

describe('a hosted index', () => {
  test('is asked for streams the node’s own does not have', async () => {
    expect(await search()).toEqual(THEIRS)
    expect(hosted.health()).toMatchObject({ ok: true })
    expect(hosted.health().url).not.toContain('secret')
  })

  test('adds to the rights the chain itself told of, and never changes them', async () => {
    const forever = '99999999999'
    answer = () => {
      const rights = {
        canEdit: false,
        canDelete: false,
        canGrant: false,
        publishExpiration: forever,
        subscribeExpiration: forever,
      }
      return JSON.stringify({
        data: {
          stream: {
            permissions: [
              { userId: ALICE, ...rights },
              { userId: BOB, ...rights },
            ],
          },
        },
      })
    }
    const shown = await createHostedDirectory(hosted, createStreamDirectory(index)).permissions(STREAM)
    expect(shown.filter(({ publisher }) => publisher === ALICE)).toMatchObject([
      { canPublish: false, block: 1 },
    ])
    expect(shown.filter(({ publisher }) => publisher === BOB)).toMatchObject([
      { canPublish: true, block: null },
    ])
  })

  test.each([
    ['is down', () => server.close()],
    ['answers with an error', () => (status = 502)],
    ['answers with something else', () => (answer = () => '<html>')],
    ['answers with GraphQL errors', () => (answer = () => '{"data":null,"errors":[{"message":"auth"}]}')],
    ['answers in another form', () => (answer = () => '{"data":{"streams":[{"id":7}]}}')],
    ['never stops answering', () => (answer = () => 'x'.repeat(9 * 1_048_576))],
    ['has errors of its own', () => (meta.hasIndexingErrors = true)],
    ['is behind', () => (meta.block.number = 1 - MAX_HOSTED_LAG_BLOCKS - 1)],
  ])('that %s is left alone, and the own index answers', async (_name, breakIt) => {
    breakIt()
    expect(await search()).toEqual(OWN)
    expect(hosted.health()).toMatchObject({ ok: false, problem: expect.any(String) })
    const before = asked.length
    expect(await search()).toEqual(OWN)
    expect(asked).toHaveLength(before)
  })

  test('is asked again when it has been left alone long enough', async () => {
    status = 500
    expect(await search()).toEqual(OWN)
    status = 200
    now += HOSTED_COOL_DOWN_MS
    expect(await search()).toEqual(THEIRS)
    meta.block.number = -1_000
    now += HOSTED_META_INTERVAL_MS
    expect(await search()).toEqual(OWN)
  })
})

describe('the GraphQL service with a hosted index behind it', () => {
  const ask = async (query: string) => {
    const graph = createGraphServer({ index, hosted, host: '127.0.0.1', port: 0, logger: silentLogger })
    await graph.start()
    cleanup.add(() => graph.stop())
    const response = await fetch(graph.url(), { method: 'POST', body: JSON.stringify({ query }) })
    return response.json()
  }

  test('passes questions and answers on as they are', async () => {
    const query = '{ streams(where: { somethingNew: true }) { id } }'
    expect(await ask(query)).toMatchObject({ data: { streams: [{ id: ELSEWHERE }] } })
    expect(asked).toContain(query)
  })

  test('answers by itself while the hosted one is down', async () => {
    status = 503
    expect(await ask('{ streams { id } }')).toEqual({ data: { streams: [{ id: STREAM }] } })
  })
})
