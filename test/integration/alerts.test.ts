import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createFileModeSealer } from '../../electron/keys/sealer.ts'
import { startAlertsRole } from '../../electron/node/alerts-role.ts'
import { createFeed } from '../../electron/node/feed/feed.ts'
import type { VerifiedMessage } from '../../electron/node/ports.ts'
import type { AlertBook } from '../../electron/node/rules/alert-book.ts'
import { openSqliteStore, type SqliteStore } from '../../electron/node/store/sqlite-store.ts'
import type { AlertView } from '../../shared/rules/alert.ts'
import { type AlertNotice, channelInputSchema } from '../../shared/rules/channel.ts'
import { type Rule, ruleSchema } from '../../shared/rules/rule.ts'
import { recordingLogger, temporaryFolder } from '../unit/store/store-folder.ts'
import { EPOCH, PART, publisherName, syntheticMessage } from '../unit/store/synthetic-messages.ts'

const MINUTE = 60_000

function rule(id: string, condition: object, more: object = {}): Rule {
  return ruleSchema.parse({ id, name: id, part: PART, condition, ...more })
}

const SILENT = rule('silent', { kind: 'silence', afterMs: MINUTE })
const HOT = rule(
  'hot',
  { kind: 'threshold', field: 'cpu', op: 'above', value: 90, clear: 80 },
  { forMs: 20_000 },
)
const BEHIND = rule('behind', { kind: 'lag', field: 'height', by: 20 })

/** What an alert is in essence, whichever way it came about. */
const essence = ({ rule, publisher, state, since, firedAt, resolvedAt }: AlertView) => ({
  rule,
  publisher,
  state,
  since,
  firedAt,
  resolvedAt,
})

describe('rules over a real store, on their own thread', () => {
  let folder: ReturnType<typeof temporaryFolder>
  let store: SqliteStore
  let book: AlertBook | undefined
  let stack = new AsyncDisposableStack()
  let now = EPOCH
  const clock = { now: () => now }

  beforeEach(async () => {
    folder = temporaryFolder()
    now = EPOCH
    store = await openSqliteStore({
      file: `${folder.path}/tidemark.sqlite`,
      logger: recordingLogger(),
      clock,
    })
  })
  afterEach(async () => {
    await stack.disposeAsync()
    book = undefined
    await store.close()
    folder.remove()
  })

  async function open(): Promise<AlertBook> {
    stack = new AsyncDisposableStack()
    const opened = await startAlertsRole({
      dataDir: folder.path,
      messages: { engine: 'sqlite', file: `${folder.path}/tidemark.sqlite` },
      feed: createFeed(),
      secretBox: createFileModeSealer(),
      stack,
      signal: AbortSignal.timeout(60_000),
      clock,
      logger: recordingLogger(),
    })
    stack.defer(
      store.onStored((notices) => {
        for (const notice of notices) opened.stored(notice)
      }),
    )
    book = opened
    return opened
  }

  async function reopen(): Promise<AlertBook> {
    await stack.disposeAsync()
    return open()
  }

  async function all(): Promise<AlertView[]> {
    const open = await book?.alerts({ state: 'open', limit: 200 })
    const past = await book?.alerts({ state: 'resolved', limit: 200 })
    return [...(open ?? []), ...(past ?? [])]
  }

  /** Stores what its publishers send up to a time, second by second, and lets the rules look at it as they do live. */
  async function live(messages: readonly VerifiedMessage[], untilMs: number, stepMs = 5_000): Promise<void> {
    for (let at = now; at < EPOCH + untilMs; ) {
      const next = Math.min(at + stepMs, EPOCH + untilMs)
      const come = messages.filter(({ id }) => id.timestamp > at && id.timestamp <= next)
      if (come.length > 0) await store.append(come)
      at = next
      now = next
      await book?.judge()
    }
    // The last look may have joined one that the clock had begun a moment earlier.
    await book?.judge()
  }

  /** A fleet of three of which one stops, one lags and one runs hot. */
  function fleet(untilMs: number): VerifiedMessage[] {
    const messages: VerifiedMessage[] = []
    for (let at = 1_000; at <= untilMs; at += 5_000) {
      const height = Math.floor(at / 1_000)
      const cpu = at > 4 * MINUTE && at < 6 * MINUTE ? 95 : 40
      if (at <= 3 * MINUTE || at > 8 * MINUTE)
        messages.push(syntheticMessage({ at, publisher: 1, content: { height, cpu: 10 } }))
      messages.push(
        syntheticMessage({
          at: at + 7,
          publisher: 2,
          content: { height: at < 2 * MINUTE ? height : 120, cpu: 10 },
        }),
      )
      messages.push(syntheticMessage({ at: at + 11, publisher: 3, content: { height, cpu } }))
    }
    return messages
  }

  const EXPECTED = [
    ['silent', 1, 'resolved'],
    ['behind', 2, 'firing'],
    ['hot', 3, 'resolved'],
  ].map(([id, publisher, state]) => `${id} ${publisherName(Number(publisher))} ${state}`)

  const inShort = (alerts: readonly AlertView[]) =>
    alerts.map(({ rule, publisher, state }) => `${rule} ${publisher} ${state}`).sort()

  test('one stops, one lags, one runs hot: exactly that is said, and a restart in the middle changes nothing', async () => {
    const messages = fleet(10 * MINUTE)
    await open()
    await book?.setRules([SILENT, HOT, BEHIND])
    await live(messages, 10 * MINUTE)
    const undisturbed = (await all()).map(essence)
    expect(inShort(await all())).toEqual([...EXPECTED].sort())

    await stack.disposeAsync()
    await store.close()
    folder.remove()
    folder = temporaryFolder()
    now = EPOCH
    store = await openSqliteStore({
      file: `${folder.path}/tidemark.sqlite`,
      logger: recordingLogger(),
      clock,
    })
    await open()
    await book?.setRules([SILENT, HOT, BEHIND])
    await live(messages, 4.5 * MINUTE)
    expect(book?.state().counts).toMatchObject({ firing: 3 })
    await reopen()
    expect(book?.state().counts).toMatchObject({ firing: 3 })
    await live(messages, 10 * MINUTE)
    expect((await all()).map(essence)).toEqual(undisturbed)
  })

  test('what was stored over a while gives the same in a preview as it did live', async () => {
    await open()
    await book?.setRules([SILENT, HOT, BEHIND])
    await live(fleet(10 * MINUTE), 10 * MINUTE)
    const past = await all()
    for (const one of [SILENT, HOT, BEHIND]) {
      let last: unknown
      const request = { rule: one, from: EPOCH - 4_999, to: now - 5_000 }
      for await (const report of book?.preview(request) ?? []) last = report.alerts
      expect(last).toEqual(
        past
          .filter(({ ruleId }) => ruleId === one.id)
          .map(({ publisher, since, firedAt, resolvedAt, sentence }) => ({
            publisher,
            since,
            firedAt,
            resolvedAt,
            sentence,
          })),
      )
    }
  })

  test('a channel that refuses is told later and once, over a restart, with its secret sealed away', async () => {
    const bodies: string[] = []
    let isRefusing = true
    const receiver = createServer((request, response) => {
      request.setEncoding('utf8')
      let body = ''
      request.on('data', (chunk: string) => {
        body += chunk
      })
      request.on('end', () => {
        if (!isRefusing) bodies.push(body)
        response.writeHead(isRefusing ? 503 : 204).end()
      })
    })
    receiver.listen(0, '127.0.0.1')
    await once(receiver, 'listening')
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/secret-token`
    const channel = (allowPrivate: boolean) =>
      channelInputSchema.parse({
        name: 'hook',
        settings: { kind: 'webhook', shape: 'json', allowPrivate },
        secrets: { url },
      })
    await open()
    await book?.channels.put(channel(false))
    await expect(book?.channels.test('hook')).rejects.toMatchObject({ code: 'channel-failed' })
    await book?.channels.put(channel(true))
    await book?.setRules([{ ...SILENT, channels: ['hook'] }])
    const publishers = Array.from({ length: 40 }, (_, n) => syntheticMessage({ at: 2_000, publisher: n + 1 }))
    await live(publishers, 2 * MINUTE)
    await vi.waitFor(async () => {
      expect(await book?.channels.channels()).toMatchObject([
        { waiting: 1, problem: expect.stringContaining('503') },
      ])
    })

    await reopen()
    isRefusing = false
    now += MINUTE
    await book?.judge()
    await vi.waitFor(() => expect(bodies).toHaveLength(1))
    expect(JSON.parse(bodies[0] ?? '')).toMatchObject({ ruleId: 'silent', more: 30, stillFiring: 40 })
    await vi.waitFor(async () =>
      expect(await book?.channels.channels()).toMatchObject([{ waiting: 0, problem: null }]),
    )
    now += 10 * MINUTE
    await book?.judge()
    expect(bodies).toHaveLength(1)
    expect(JSON.stringify(await book?.channels.channels())).not.toContain('secret-token')
    receiver.close()
  })

  test('a silence mutes the channel and ends, an acknowledged alert is not told again', async () => {
    await open()
    await book?.channels.put(channelInputSchema.parse({ name: 'desk', settings: { kind: 'desktop' } }))
    const told: AlertNotice[] = []
    book?.channels.onDesktopNotice((notice) => told.push(notice))
    await book?.setRules([{ ...SILENT, channels: ['desk'], repeatMs: MINUTE }])
    await book?.addSilence({ ruleId: 'silent', publisher: null, reason: '', lastsMs: 3 * MINUTE })
    await live([syntheticMessage({ at: 2_000 })], 2.5 * MINUTE)
    expect(await all()).toMatchObject([{ state: 'firing', isSilenced: true }])
    expect(told).toEqual([])
    await live([], 3.5 * MINUTE)
    await vi.waitFor(() => expect(told).toMatchObject([{ isReminder: false }]))
    await live([], 4.75 * MINUTE)
    await vi.waitFor(() => expect(told[1]).toMatchObject({ isReminder: true }))
    const [alert] = await all()
    await book?.acknowledge([alert?.id ?? ''], true)
    const before = told.length
    await live([], 8 * MINUTE)
    expect(told).toHaveLength(before)
    await live([syntheticMessage({ at: 8 * MINUTE + 1_000 })], 9 * MINUTE)
    await vi.waitFor(() => expect(told.at(-1)).toMatchObject({ firing: [], resolved: [{}], stillFiring: 0 }))
  })

  test('a thousand publishers that a rule matches are bounded, and a clock that is set back leaves nothing stuck', async () => {
    await open()
    await book?.setRules([rule('all', { kind: 'threshold', field: 'cpu', op: 'above', value: 0 })])
    const messages = (at: number, cpu: number) =>
      Array.from({ length: 1_100 }, (_, n) => syntheticMessage({ at, publisher: n + 1, content: { cpu } }))
    await live(messages(2_000, 1), MINUTE, MINUTE)
    expect(book?.state()).toMatchObject({ counts: { firing: 1_000 }, beyondBounds: { alerts: 100 } })
    now = EPOCH - 60 * MINUTE
    await book?.judge()
    await store.append(messages(-59 * MINUTE, -1))
    now = EPOCH - 58 * MINUTE
    await book?.judge()
    expect(book?.state().counts.firing).toBe(0)
  })
})
