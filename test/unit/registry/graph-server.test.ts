import { request } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createGraphServer, type GraphServer } from '../../../electron/node/registry/graph-server.ts'
import { ALICE, BOB, Cleanup, indexOf, OWNER, PUBLIC, STREAM, silentLogger } from './fixtures.ts'
import {
  assigned,
  created,
  MAX_UINT,
  nodeUpdated,
  ownership,
  permission,
  ScriptedChain,
} from './scripted-chain.ts'

const NODE = `0x${'cc'.repeat(20)}`
const OTHER = `${OWNER}/zebra`
const cleanup = new Cleanup()
let server: GraphServer

beforeEach(async () => {
  const chain = new ScriptedChain()
  await chain.listen()
  cleanup.add(() => chain.close())
  chain.mine([created(STREAM), ownership(STREAM, OWNER), permission(STREAM, ALICE, 5_000n)])
  chain.mine([created(OTHER), ownership(OTHER, OWNER), permission(OTHER, PUBLIC, 0n, MAX_UINT)])
  chain.mine([nodeUpdated(NODE, '{"urls":["http://a"]}'), assigned(STREAM, NODE)])
  const index = indexOf([chain], cleanup)
  await index.start()
  await index.awaitBlock(3)
  server = createGraphServer({ index, host: '127.0.0.1', port: 0, logger: silentLogger })
  await server.start()
  cleanup.add(() => server.stop())
})
afterEach(() => cleanup.run())

interface GraphAnswer {
  data?: Record<string, unknown>
  errors?: { message: string }[]
}

async function ask(query: string): Promise<GraphAnswer> {
  const response = await fetch(server.url(), { method: 'POST', body: JSON.stringify({ query }) })
  return (await response.json()) as GraphAnswer
}

async function data(query: string): Promise<Record<string, unknown>> {
  const answer = await ask(query)
  expect(answer.errors).toBeUndefined()
  return answer.data ?? {}
}

describe('the questions of the SDK', () => {
  test('how far the index is', async () => {
    expect(await data('{ _meta { block { number } } }')).toEqual({ _meta: { block: { number: 3 } } })
  })

  test('further entry points, of which this index knows none', async () => {
    const query = `{ operators( orderBy: latestHeartbeatTimestamp orderDirection: desc first: 50
      where: { latestHeartbeatMetadata_contains: "\\"tls\\":true", latestHeartbeatTimestamp_gt: "1790000000" }
    ) { id latestHeartbeatMetadata } }`
    expect(await data(query)).toEqual({ operators: [] })
  })

  test('streams by a part of their id, page by page', async () => {
    const query = (after: string) => `query {
      streams ( first: 1 orderBy: "id" where: { id_gt: "${after}", idAsString_contains: "${OWNER}" } ) { id metadata }
    }`
    expect(await data(query(''))).toEqual({ streams: [{ id: STREAM, metadata: '{"partitions":1}' }] })
    expect(await data(query(STREAM))).toMatchObject({ streams: [{ id: OTHER }] })
    expect(await data(query(OTHER))).toEqual({ streams: [] })
  })

  test('streams on which somebody has rights', async () => {
    const query = (users: string[], operator: string, conditions: string) => `query {
      streams ( first: 10 orderBy: "id" where: { id_gt: "",
        permissions_: { and: [{ userId_in: [${users.map((user) => `"${user}"`).join(',')}] }, { ${operator}: [${conditions}] }] } })
      { id metadata }
    }`
    const ids = async (text: string) => ((await data(text)).streams as { id: string }[]).map(({ id }) => id)
    expect(await ids(query([OWNER], 'and', '{ canEdit: true }, { canGrant: true }'))).toEqual([STREAM, OTHER])
    expect(await ids(query([ALICE], 'and', '{ publishExpiration_gt: "4999" }'))).toEqual([STREAM])
    expect(await ids(query([ALICE], 'and', '{ publishExpiration_gt: "5000" }'))).toEqual([])
    expect(
      await ids(query([BOB, PUBLIC], 'or', '{ canEdit: true }, { subscribeExpiration_gt: "1" }')),
    ).toEqual([OTHER])
  })

  test('the rights on a stream, page by page', async () => {
    const query = (after: string) => `{
      stream (id: "${STREAM}") { id metadata permissions(first: 1 orderBy: "id" where: { id_gt: "${after}"}) {
        id userId canEdit canDelete publishExpiration subscribeExpiration canGrant } }
    }`
    const first = (await data(query(''))).stream as { permissions: { id: string; userId: string }[] }
    expect(first.permissions).toMatchObject([
      { userId: OWNER, canEdit: true, publishExpiration: MAX_UINT.toString() },
    ])
    const second = (await data(query(first.permissions[0]?.id ?? ''))).stream as typeof first
    expect(second.permissions).toMatchObject([{ userId: ALICE, canEdit: false, publishExpiration: '5000' }])
    expect(await data('{ stream (id: "none/x") { id } }')).toEqual({ stream: null })
  })

  test('publishers and subscribers of a stream', async () => {
    const query = (field: string) => `{ streamPermissions ( first: 10 orderBy: "id"
      where: { id_gt: "" stream: "${STREAM}" ${field}_gt: "4000" } ) { id userId stream { id } } }`
    const permissions = (await data(query('publishExpiration'))).streamPermissions
    expect(permissions).toMatchObject([
      { userId: OWNER, stream: { id: STREAM } },
      { userId: ALICE, stream: { id: STREAM } },
    ])
    expect(await data(query('subscribeExpiration'))).toMatchObject({ streamPermissions: [{ userId: OWNER }] })
  })

  test('storage nodes of a stream, streams of a node, and all nodes', async () => {
    const node = { id: NODE, metadata: '{"urls":["http://a"]}', lastSeen: '1000' }
    const list = 'first: 10 orderBy: "id" where: { id_gt: "" }'
    expect(
      await data(`{ stream (id: "${STREAM}") { id storageNodes (${list}) { id metadata lastSeen } } }`),
    ).toEqual({
      stream: { id: STREAM, storageNodes: [node] },
    })
    const stored = `{ node (id: "${NODE}") { id metadata lastSeen storedStreams (${list}) { id, metadata } }
      _meta { block { number } } }`
    expect(await data(stored)).toMatchObject({
      node: { storedStreams: [{ id: STREAM }] },
      _meta: { block: { number: 3 } },
    })
    expect(await data(`{ node (id: "${ALICE}") { id } }`)).toEqual({ node: null })
    expect(await data(`{ nodes (${list}) { id metadata lastSeen } }`)).toEqual({ nodes: [node] })
  })
})

describe('the bounds of a question', () => {
  const list = '(first: 1000)'
  test.each([
    ['too deep', `{ streams${list} { storageNodes { storedStreams { permissions { id } } } } }`, /deeper/],
    [
      'too broad',
      `{ ${Array.from({ length: 50 }, (_, i) => `a${i}: _meta { block { number } }`).join(' ')} }`,
      /fields/,
    ],
    ['too long', `{ ${'_meta { block { number } } '.repeat(1_000)} }`, /tokens/],
    ['with fragments', 'query { ...A } fragment A on Query { _meta { block { number } } }', /Fragments/],
    ['with inline fragments', '{ ... on Query { _meta { block { number } } } }', /Fragments/],
    ['with variables', 'query ($a: ID!) { stream(id: $a) { id } }', /Variables/],
    ['a mutation', 'mutation { x }', /Only queries/],
    [
      'with a filter nested too deeply',
      `{ streams(where: { permissions_: ${'{ and: ['.repeat(9)}${'] }'.repeat(9)} }) { id } }`,
      /nested/,
    ],
    ['about fields that are not there', '{ delegators { id } }', /Cannot query field/],
    ['not GraphQL', 'hello', /Syntax Error/],
    [
      'with a time that is none',
      '{ streams(where: { permissions_: { publishExpiration_gt: "soon" } }) { id } }',
      /./,
    ],
  ])('%s: refused in GraphQL’s own form', async (_name, query, message) => {
    const { data: none, errors } = await ask(query)
    expect(none?.streams).toBeUndefined()
    expect(errors?.[0]?.message).toMatch(message)
    expect(JSON.stringify(errors)).not.toMatch(/\bat .*\.ts|SELECT/)
  })

  test('a page has at most a thousand rows, whatever is asked for', async () => {
    expect(await data('{ streams(first: -5) { id } }')).toEqual({ streams: [] })
    expect((await data('{ streams(first: 2000000000) { id } }')).streams).toHaveLength(2)
  })
})

describe('who is answered', () => {
  function status(options: {
    headers?: Record<string, string>
    method?: string
    path?: string
    body?: string
  }) {
    const { hostname, port, pathname } = new URL(server.url())
    const {
      body = '{"query":"{ _meta { block { number } } }"}',
      headers = {},
      method = 'POST',
      path = pathname,
    } = options
    return new Promise<number>((resolve, reject) => {
      const sent = request({ hostname, port, path, method, headers }, (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      })
      sent.on('error', reject)
      sent.end(method === 'POST' ? body : undefined)
    })
  }

  test('a client on this machine', async () => {
    expect(await status({})).toBe(200)
    expect(await status({ headers: { host: `localhost:${new URL(server.url()).port}` } })).toBe(200)
  })

  test('no page of the web, by whatever name it comes', async () => {
    expect(await status({ headers: { host: 'evil.example' } })).toBe(403)
    expect(await status({ headers: { host: '127.0.0.1' } })).toBe(403)
    expect(await status({ headers: { origin: 'https://evil.example' } })).toBe(403)
  })

  test('nothing but a question of bounded size', async () => {
    expect(await status({ method: 'GET' })).toBe(405)
    expect(await status({ path: '/other' })).toBe(404)
    expect(await status({ body: 'x' })).toBe(400)
    expect(await status({ body: '{"query":5}' })).toBe(400)
    expect(await status({ body: JSON.stringify({ query: ' '.repeat(70_000) }) })).toBe(413)
  })

  test('a port that is taken is said so', async () => {
    const port = Number(new URL(server.url()).port)
    const { index } = { index: {} as never }
    const second = createGraphServer({ index, host: '127.0.0.1', port, logger: silentLogger })
    await expect(second.start()).rejects.toMatchObject({ code: 'port-in-use' })
  })
})
