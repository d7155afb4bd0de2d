import { createTRPCClient, TRPCClientError } from '@trpc/client'
import { initTRPC, tracked } from '@trpc/server'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { MAX_OPEN_CALLS, MAX_OPEN_SUBSCRIPTIONS } from '../../../electron/desktop/ipc-session.ts'
import { setupIpc } from '../../../electron/desktop/setup-ipc.ts'
import { ipcLink } from '../../../renderer/api/ipc-link.ts'
import {
  BRIDGE_REQUEST_CHANNEL,
  type BridgeAnswer,
  MAX_ENVELOPE_LENGTH,
} from '../../../shared/desktop-bridge.ts'
import { TidemarkError, toErrorView } from '../../../shared/errors.ts'
import { createQuietLogger } from '../telemetry/quiet-logger.ts'
import { FakeElectron, FakeWebContents } from './fake-electron.ts'

/** Counts what the procedures of the test's router see. */
const seen = { pulled: 0, ended: 0, aborted: 0 }

const t = initTRPC.context<{ name: string }>().create({
  errorFormatter: ({ shape, error }) => ({
    ...shape,
    data: { code: shape.data.code, view: toErrorView(error.cause) },
  }),
})
const router = t.router({
  greet: t.procedure
    .input(z.string().max(20))
    .query(({ input, ctx }) => ({ text: `${input} from ${ctx.name}`, at: new Date(0) })),
  nothing: t.procedure.query(() => undefined),
  refuse: t.procedure.mutation(() => {
    throw new TidemarkError('stream-not-found', 'There is no such stream.', 'Check its id.')
  }),
  wait: t.procedure.query(async ({ signal }) => {
    await new Promise((_done, failed) => {
      signal?.addEventListener('abort', () => {
        seen.aborted += 1
        failed(new Error('aborted'))
      })
    })
  }),
  nested: t.router({
    count: t.procedure.input(z.number()).subscription(async function* ({ input }) {
      try {
        for (let n = 0; n < input; n += 1) {
          seen.pulled += 1
          yield n
        }
      } finally {
        seen.ended += 1
      }
    }),
    silence: t.procedure.subscription(async function* ({ signal }) {
      try {
        await new Promise((done) => signal?.addEventListener('abort', done))
        yield 0
      } finally {
        seen.ended += 1
      }
    }),
    fail: t.procedure.subscription(async function* () {
      yield 1
      throw new TidemarkError('chain-unavailable', 'The chain is gone.', 'Wait.')
    }),
    events: t.procedure.subscription(async function* () {
      yield tracked('event-7', { n: 7 })
    }),
  }),
  big: t.procedure.query(() => 1n),
})

let electron: FakeElectron
let page: FakeWebContents
let logger: ReturnType<typeof createQuietLogger>
let takeDown: () => void

beforeEach(() => {
  Object.assign(seen, { pulled: 0, ended: 0, aborted: 0 })
  electron = new FakeElectron()
  page = new FakeWebContents()
  page.navigate('app://tidemark/')
  logger = createQuietLogger()
  takeDown = setupIpc({
    electron: electron.api,
    router,
    createContext: async () => ({ name: 'the node' }),
    isPortal: (contents) => (contents as unknown) === page,
    logger,
  })
})
afterEach(() => takeDown())

function client() {
  const request = (envelope: string) =>
    electron.invoke(page, BRIDGE_REQUEST_CHANNEL, envelope) as Promise<string>
  return createTRPCClient<typeof router>({ links: [ipcLink({ bridge: { request } })] })
}

async function ask(envelope: unknown): Promise<BridgeAnswer> {
  return JSON.parse(String(await electron.invoke(page, BRIDGE_REQUEST_CHANNEL, envelope)))
}

const settle = () => new Promise((done) => setTimeout(done, 10))

interface Collected {
  values: unknown[]
  outcome: Promise<unknown>
  stop: () => void
}

function collect(subscribe: (on: object) => { unsubscribe(): void }): Collected {
  const values: unknown[] = []
  let stop = (): void => undefined
  const outcome = new Promise((done) => {
    const subscription = subscribe({
      onStarted: () => values.push('started'),
      onData: (value: unknown) => values.push(value),
      onError: done,
      onComplete: () => done('complete'),
    })
    stop = () => subscription.unsubscribe()
  })
  return { values, outcome, stop }
}

describe('queries and mutations', () => {
  it('reach the router with their input and the context, and answer as JSON does over WebSocket', async () => {
    expect(await client().greet.query('hello')).toEqual({
      text: 'hello from the node',
      at: '1970-01-01T00:00:00.000Z',
    })
    expect(await client().nothing.query()).toBeUndefined()
  })

  it('carry the router’s errors with code, sentence and remedy, and no stack', async () => {
    const error = await client()
      .refuse.mutate()
      .catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(TRPCClientError)
    expect((error as TRPCClientError<typeof router>).data?.view).toEqual({
      code: 'stream-not-found',
      message: 'There is no such stream.',
      remedy: 'Check its id.',
    })
    expect(JSON.stringify((error as TRPCClientError<typeof router>).shape)).not.toContain('.ts')
  })

  it('refuse input the router’s schema refuses, and procedures it does not have', async () => {
    await expect(client().greet.query('x'.repeat(21))).rejects.toThrow(TRPCClientError)
    const missing = await ask(JSON.stringify({ kind: 'query', id: '1', path: 'no.such' }))
    expect(missing).toMatchObject({ error: { data: { code: 'NOT_FOUND' } } })
    for (const path of ['constructor', '__proto__', 'toString', 'nested.constructor', '_def.procedures']) {
      const answer = await ask(JSON.stringify({ kind: 'query', id: path, path }))
      expect(answer).toMatchObject({ error: { data: { code: 'NOT_FOUND' } } })
    }
  })

  it('end when the page gives up on them', async () => {
    const abort = new AbortController()
    const waiting = client().wait.query(undefined, { signal: abort.signal })
    await settle()
    abort.abort()
    await expect(waiting).rejects.toThrow()
    await settle()
    expect(seen.aborted).toBe(1)
    await expect(client().wait.query(undefined, { signal: AbortSignal.abort() })).rejects.toThrow()
  })

  it('wait for a node that is starting, and say why when it cannot start', async () => {
    takeDown()
    const node = Promise.withResolvers<{ name: string }>()
    takeDown = setupIpc({
      electron: electron.api,
      router,
      createContext: () => node.promise,
      isPortal: () => true,
      logger,
    })
    const waiting = client().greet.query('early')
    await settle()
    node.reject(new TidemarkError('data-folder-in-use', 'Another Tidemark uses it.', 'Close that one.'))
    await expect(waiting).rejects.toMatchObject({ data: { view: { code: 'data-folder-in-use' } } })
  })

  it('an answer that is no JSON becomes an error and a line in the log', async () => {
    expect(await ask(JSON.stringify({ kind: 'query', id: '1', path: 'big' }))).toMatchObject({
      error: { data: { view: { code: 'internal' } } },
    })
    expect(logger.lines.some(({ level }) => level === 'error')).toBe(true)
  })
})

describe('calls that do not end', () => {
  it('are limited in number', async () => {
    for (let id = 0; id < MAX_OPEN_CALLS; id += 1)
      void ask(JSON.stringify({ kind: 'query', id: `${id}`, path: 'wait' }))
    await settle()
    expect(await ask(JSON.stringify({ kind: 'query', id: 'one more', path: 'nothing' }))).toMatchObject({
      error: { data: { code: 'TOO_MANY_REQUESTS' } },
    })
    expect(await ask(JSON.stringify({ kind: 'subscribe', id: 's', path: 'nested.silence' }))).toEqual({
      result: { type: 'started' },
    })
  })
})

describe('subscriptions', () => {
  it('deliver every value in order and complete', async () => {
    const { values, outcome } = collect((on) => client().nested.count.subscribe(3, on))
    expect(await outcome).toBe('complete')
    expect(values).toEqual(['started', 0, 1, 2])
    expect(seen.ended).toBe(1)
  })

  it('carry an error of the source, after the values before it', async () => {
    const { values, outcome } = collect((on) => client().nested.fail.subscribe(undefined, on))
    expect(await outcome).toMatchObject({ data: { view: { code: 'chain-unavailable', remedy: 'Wait.' } } })
    expect(values).toEqual(['started', 1])
  })

  it('keep the ids of tracked events', async () => {
    const { values, outcome } = collect((on) => client().nested.events.subscribe(undefined, on))
    await outcome
    expect(values).toEqual(['started', { id: 'event-7', data: { n: 7 } }])
  })

  it('are pulled: a page that does not ask gets nothing made for it', async () => {
    await ask(JSON.stringify({ kind: 'subscribe', id: '1', path: 'nested.count', input: 1_000_000 }))
    for (let n = 0; n < 5; n += 1) await ask(JSON.stringify({ kind: 'next', id: '1' }))
    await settle()
    expect(seen.pulled).toBe(5)
  })

  it('end at the source when the page unsubscribes, also while nothing comes', async () => {
    const { stop } = collect((on) => client().nested.silence.subscribe(undefined, on))
    await settle()
    stop()
    await settle()
    expect(seen.ended).toBe(1)
  })

  it.each([
    ['reloads', () => page.navigate('app://tidemark/')],
    ['crashes', () => page.emit('render-process-gone', {}, { reason: 'crashed' })],
    ['is closed', () => page.emit('destroyed')],
  ])('end at the source when the page %s', async (_what, leave) => {
    collect((on) => client().nested.silence.subscribe(undefined, on))
    collect((on) => client().nested.silence.subscribe(undefined, on))
    await settle()
    leave()
    await settle()
    expect(seen.ended).toBe(2)
  })

  it('go on when the page only moves behind the "#"', async () => {
    collect((on) => client().nested.silence.subscribe(undefined, on))
    await settle()
    page.emit('did-start-navigation', { isMainFrame: true, isSameDocument: true })
    page.emit('did-start-navigation', { isMainFrame: false, isSameDocument: false })
    await settle()
    expect(seen.ended).toBe(0)
  })

  it('are limited in number, and room is made by closing one', async () => {
    const open = (id: number) =>
      ask(JSON.stringify({ kind: 'subscribe', id: `${id}`, path: 'nested.silence' }))
    for (let id = 0; id < MAX_OPEN_SUBSCRIPTIONS; id += 1)
      expect(await open(id)).toEqual({ result: { type: 'started' } })
    expect(await open(1_000)).toMatchObject({ error: { data: { code: 'TOO_MANY_REQUESTS' } } })
    await ask(JSON.stringify({ kind: 'cancel', id: '0' }))
    expect(await open(1_001)).toEqual({ result: { type: 'started' } })
  })

  it('refuse a second pull while one waits, and an id that is in use', async () => {
    await ask(JSON.stringify({ kind: 'subscribe', id: '1', path: 'nested.silence' }))
    void ask(JSON.stringify({ kind: 'next', id: '1' }))
    await settle()
    expect(await ask(JSON.stringify({ kind: 'next', id: '1' }))).toMatchObject({
      error: { data: { code: 'BAD_REQUEST' } },
    })
    expect(await ask(JSON.stringify({ kind: 'query', id: '1', path: 'nothing' }))).toMatchObject({
      error: { data: { code: 'BAD_REQUEST' } },
    })
    expect(seen.ended).toBe(0)
  })
})

describe('who may ask', () => {
  const greet = JSON.stringify({ kind: 'query', id: '1', path: 'greet', input: 'hi' })

  it.each([
    [
      'another window, even with the portal’s address',
      () => {
        const other = new FakeWebContents()
        other.navigate('app://tidemark/')
        return electron.invoke(other, BRIDGE_REQUEST_CHANNEL, greet)
      },
    ],
    [
      'a frame inside the page',
      () => electron.invoke(page, BRIDGE_REQUEST_CHANNEL, greet, { url: 'app://tidemark/', origin: 'x' }),
    ],
    ['a frame that is gone', () => electron.invoke(page, BRIDGE_REQUEST_CHANNEL, greet, null)],
  ])('%s is refused', async (_who, invoke) => {
    await expect(invoke()).rejects.toThrow('may not speak')
    expect(logger.lines.at(-1)?.level).toBe('warn')
  })

  it.each([
    'https://evil.example/',
    'file:///etc/passwd',
    'app://other/',
    'app://tidemark.evil.example/',
    'data:text/html,x',
  ])('the window is refused when it shows %s', async (url) => {
    page.navigate(url)
    await expect(electron.invoke(page, BRIDGE_REQUEST_CHANNEL, greet)).rejects.toThrow('may not speak')
  })

  it('the portal is answered, wherever it is behind the "#"', async () => {
    page.mainFrame.url = 'app://tidemark/#/workspace?stream=x'
    expect(await ask(greet)).toMatchObject({ result: { type: 'data' } })
  })
})

describe('what may be asked', () => {
  it.each([
    ['no text', { kind: 'query' }],
    ['not JSON', '{'],
    ['no object', '7'],
    ['an unknown kind', '{"kind":"call","id":"1"}'],
    ['an id that is no text', '{"kind":"next","id":1}'],
    ['an id that is too long', JSON.stringify({ kind: 'next', id: 'x'.repeat(129) })],
    ['a path with other characters', '{"kind":"query","id":"1","path":"a/../b"}'],
    ['unknown fields', '{"kind":"next","id":"1","path":"greet"}'],
    [
      'too much',
      JSON.stringify({ kind: 'query', id: '1', path: 'greet', input: 'x'.repeat(MAX_ENVELOPE_LENGTH) }),
    ],
  ])('an envelope that is %s is answered with an error and touches nothing', async (_what, envelope) => {
    expect(await ask(envelope)).toMatchObject({
      error: { data: { code: 'BAD_REQUEST', view: { code: 'invalid-input' } } },
    })
  })

  it('whatever text comes, there is one JSON answer and no rejection', async () => {
    const id = fc.constantFrom('1', '2', '3')
    const request = fc.oneof(
      fc.record({ kind: fc.constantFrom('next', 'cancel'), id }),
      fc.record({
        kind: fc.constantFrom('query', 'mutation', 'subscribe'),
        id,
        path: fc.constantFrom('greet', 'nested.count', 'nested.fail', 'x'),
        input: fc.jsonValue(),
      }),
      fc.jsonValue(),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            request.map((it) => JSON.stringify(it)),
            fc.string(),
          ),
          { maxLength: 12 },
        ),
        async (envelopes) => {
          for (const envelope of envelopes) {
            const answer = await ask(envelope)
            expect('result' in answer !== 'error' in answer).toBe(true)
          }
          page.navigate('app://tidemark/')
        },
      ),
      { numRuns: 200 },
    )
  })
})
