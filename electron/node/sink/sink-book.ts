import type { z } from 'zod'
import type { DatabaseServer } from '../../../shared/database.ts'
import { type ErrorView, TidemarkError } from '../../../shared/errors.ts'
import {
  MAX_SINKS,
  type SinkInput,
  type SinksView,
  type SinkView,
  type sinkDatabaseInput,
} from '../../../shared/sink.ts'
import type { Clock, Logger, StoredNotice } from '../ports.ts'
import type { PostgresTarget } from '../postgres/postgres-target.ts'
import { defaultTableName } from './column-names.ts'
import type { SinkStore, SinkThread } from './ports.ts'
import { readerRoleStatements } from './reader-role.ts'
import { SinkRunner, type SinkSettings } from './sink-runner.ts'
import type { FindKey } from './sink-sync.ts'

/** What is remembered of sinks; the password is kept apart. */
export interface SinkConfiguration {
  server: DatabaseServer | null
  sinks: SinkSettings[]
}

export interface SinkBookOptions {
  store: SinkStore
  thread: SinkThread
  findKey: FindKey
  configuration: {
    readonly current: SinkConfiguration
    update(change: (current: SinkConfiguration) => SinkConfiguration): Promise<void>
  }
  password: { read(): Promise<string | null>; write(password: string | null): Promise<void> }
  /** Whether messages of the part are kept. */
  isKept: (part: string) => boolean
  clock: Clock
  logger: Logger
}

export type SinkDatabase = z.infer<typeof sinkDatabaseInput>

/** The sinks of a node: which there are, where they write, and how they fare. */
export interface SinkBook {
  start(): Promise<void>
  stop(): Promise<void>
  /** To be called for every durable change. */
  stored(notice: StoredNotice): void
  /** The thread that writes was started again and knows nothing. */
  threadRestarted(): void
  view(): SinksView
  /** What keeps sinks from writing at the moment, each thing once. */
  problems(): ErrorView[]
  /** What a test or a role has to be made for: the server with the password that is kept, unless another is given. */
  target(database?: SinkDatabase): Promise<PostgresTarget>
  setDatabase(database: SinkDatabase): Promise<void>
  /** SQL that makes a role which may read the views of the sinks, and nothing else. */
  readerRole(role: string): string
  /** The same, carried out. The user of the sinks needs the right to make roles. */
  makeReaderRole(role: string): Promise<void>
  /** @throws {TidemarkError} `invalid-input` */
  add(input: SinkInput): Promise<SinkView>
  pause(table: string): Promise<void>
  resume(table: string): Promise<void>
  /** Ends a sink; its table stays as it is. */
  remove(table: string): Promise<void>
}

export function createSinkBook(options: SinkBookOptions): SinkBook {
  const { store, thread, findKey, configuration, password, clock, logger } = options
  const runners = new Map<string, SinkRunner>()
  const byPart = new Map<string, SinkRunner[]>()
  let isRunning = false
  /** The thread's way to the database; null while it has none, or has lost it. */
  let connection: Promise<void> | null = null
  let isPasswordKept = false
  // Whatever keeps the thread from its database, such as a password that cannot be opened here, is what sinks say.
  const connectedThread: SinkThread = {
    call: (method, args, transfer) => connect().then(() => thread.call(method, args, transfer)),
    close: () => thread.close(),
  }
  let queue: Promise<unknown> = Promise.resolve()

  /** Changes are carried out one after the other. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = queue.then(work)
    queue = next.catch(() => undefined)
    return next
  }

  function index(): void {
    byPart.clear()
    for (const { table, part } of configuration.current.sinks) {
      const runner = runners.get(table)
      if (runner !== undefined) byPart.set(part, [...(byPart.get(part) ?? []), runner])
    }
  }

  function run(settings: SinkSettings): void {
    if (!isRunning || settings.isPaused || configuration.current.server === null) return
    runners.set(
      settings.table,
      new SinkRunner({ settings, store, thread: connectedThread, findKey, clock, logger }),
    )
    index()
  }

  async function end(table: string): Promise<void> {
    const runner = runners.get(table)
    runners.delete(table)
    index()
    await runner?.stop()
  }

  async function targetOf(database?: SinkDatabase): Promise<PostgresTarget> {
    const server = database?.server ?? configuration.current.server
    if (server === null) throw noDatabase()
    const given = database?.password
    return { ...server, password: given === undefined ? await password.read() : given }
  }

  function connect(): Promise<void> {
    connection ??= goTo().catch((error: unknown) => {
      connection = null
      throw error
    })
    return connection
  }

  async function goTo(): Promise<void> {
    const { server } = configuration.current
    await thread.call('connect', [server === null ? null : await targetOf()])
  }

  function settingsOf(table: string): SinkSettings {
    const found = configuration.current.sinks.find((sink) => sink.table === table)
    if (found !== undefined) return found
    throw new TidemarkError(
      'invalid-input',
      `There is no sink with the table “${table}”.`,
      '`tidemark sink list` shows those there are.',
    )
  }

  async function setPaused(table: string, isPaused: boolean): Promise<void> {
    settingsOf(table)
    await configuration.update((now) => ({
      ...now,
      sinks: now.sinks.map((sink) => (sink.table === table ? { ...sink, isPaused } : sink)),
    }))
    await end(table)
    run(settingsOf(table))
  }

  function viewOf(settings: SinkSettings): SinkView {
    return runners.get(settings.table)?.view() ?? { ...AT_REST, table: settings.table, part: settings.part }
  }

  function assertIsNew(table: string, part: string): void {
    const { sinks } = configuration.current
    if (sinks.length >= MAX_SINKS) {
      throw new TidemarkError('invalid-input', `There are ${MAX_SINKS} sinks already.`, 'Remove one first.')
    }
    if (sinks.some((sink) => sink.table === table)) {
      throw new TidemarkError(
        'invalid-input',
        `There is a sink with the table “${table}” already.`,
        'Name another table.',
      )
    }
    if (!options.isKept(part)) {
      throw new TidemarkError(
        'invalid-input',
        'This node does not keep that stream part, so there is nothing to write.',
        'Subscribe to the stream first; its part is written as streamId#partition.',
      )
    }
  }

  function readerRole(role: string): string[] {
    const { server } = configuration.current
    if (server === null) throw noDatabase()
    return readerRoleStatements(server.schema, server.user, role)
  }

  return {
    start: () =>
      inTurn(async () => {
        isRunning = true
        isPasswordKept = await hasPassword(password)
        for (const settings of configuration.current.sinks) run(settings)
      }),
    stop: () =>
      inTurn(async () => {
        isRunning = false
        await Promise.all([...runners.values()].map((runner) => runner.stop()))
        runners.clear()
        index()
        // Ends the thread with whatever it waits for: a transaction is done, or not done.
        await thread.close()
      }),
    stored(notice) {
      for (const runner of byPart.get(notice.part) ?? []) runner.stored(notice)
    },
    threadRestarted() {
      connection = null
    },
    view() {
      const { server, sinks } = configuration.current
      return { server, hasPassword: isPasswordKept, sinks: sinks.map(viewOf) }
    },
    problems() {
      const problems = new Map<string, ErrorView>()
      for (const { table, problem } of [...runners.values()].map((runner) => runner.view())) {
        if (problem === null || problems.has(problem.message)) continue
        // What is in the store's way is said once, by the store.
        if (problem.message === store.status().problem?.message) continue
        problems.set(problem.message, { ...problem, message: `The sink ${table} waits: ${problem.message}` })
      }
      return [...problems.values()]
    },
    target: targetOf,
    setDatabase: (database) =>
      inTurn(async () => {
        if (database.password !== undefined) await password.write(database.password)
        isPasswordKept = await hasPassword(password)
        await configuration.update((now) => ({ ...now, server: database.server }))
        for (const { table } of configuration.current.sinks) await end(table)
        connection = null
        await connect()
        for (const settings of configuration.current.sinks) run(settings)
      }),
    readerRole: (role) => `${readerRole(role).join(';\n')};\n`,
    makeReaderRole: async (role) => connectedThread.call('apply', [readerRole(role)]),
    add: ({ part, table: wanted, types }) =>
      inTurn(async () => {
        const table = wanted ?? defaultTableName(part)
        assertIsNew(table, part)
        const settings: SinkSettings = { table, part, types, isPaused: false }
        await configuration.update((now) => ({ ...now, sinks: [...now.sinks, settings] }))
        run(settings)
        return viewOf(settings)
      }),
    pause: (table) => inTurn(() => setPaused(table, true)),
    resume: (table) => inTurn(() => setPaused(table, false)),
    remove: (table) =>
      inTurn(async () => {
        settingsOf(table)
        await end(table)
        await configuration.update((now) => ({
          ...now,
          sinks: now.sinks.filter((sink) => sink.table !== table),
        }))
      }),
  }
}

const AT_REST: Omit<SinkView, 'table' | 'part'> = {
  state: 'paused',
  rows: null,
  written: 0,
  changed: 0,
  columns: 0,
  unfit: 0,
  omitted: 0,
  lagMs: 0,
  behind: null,
  position: null,
  lastWriteAt: null,
  problem: null,
  nextAttemptAt: null,
}

function noDatabase(): TidemarkError {
  return new TidemarkError('invalid-input', 'No database is set for the sinks.', 'Set one first.')
}

async function hasPassword(password: SinkBookOptions['password']): Promise<boolean> {
  return (await password.read().catch(() => '')) !== null
}
