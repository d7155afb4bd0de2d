import { type MessagePort, workerData } from 'node:worker_threads'
import { Client, type QueryResult } from 'pg'
import QueryStream from 'pg-query-stream'
import { BY_KEY_SETTINGS, clientConfig, sessionSettings } from '../../postgres/client-config.ts'
import { failureOf } from '../../postgres/postgres-error.ts'
import { CopyInput } from './copy-input.ts'
import { readColumn } from './copy-output.ts'
import type {
  WireAnswer,
  WireNotice,
  WireOptions,
  WireRequest,
  WireRows,
  WireValue,
  WireWorkerData,
} from './wire-protocol.ts'
import { WIRE_TYPES } from './wire-values.ts'

/**
 * The thread that talks to the database for one that waits: `sync-wire.ts` puts one request into the port, sleeps, and
 * is woken when the answer is there.
 */
interface Cursor {
  read(rows: number, done: (error: Error | null, rows: WireValue[][]) => void): void
  close(done: () => void): void
}

const { options, signal, port } = workerData as WireWorkerData
const woken = new Int32Array(signal)

let client: Client | null = null
let cursor: Cursor | null = null
let copy: CopyInput | null = null
/** Set when the connection failed while nothing was asked. */
let lost: Error | null = null

async function connect(target: WireOptions): Promise<Client> {
  const fresh = new Client(clientConfig(target))
  fresh.on('error', (error) => {
    lost = error
  })
  lost = null
  await fresh.connect()
  for (const { sql, isNeeded } of [...sessionSettings(target), ...(target.isByKey ? BY_KEY_SETTINGS : [])]) {
    await fresh.query(sql).catch((error: unknown) => {
      if (isNeeded) throw error
    })
  }
  return fresh
}

function rowsOf(result: QueryResult): WireRows {
  return {
    columns: (result.fields ?? []).map(({ name }) => name),
    rows: (result.rows ?? []) as unknown as WireValue[][],
    count: result.rowCount ?? 0,
    more: false,
  }
}

function read(open: Cursor, rows: number): Promise<WireRows> {
  return new Promise((resolve, reject) => {
    open.read(rows, (error, found) => {
      if (error !== null && error !== undefined) reject(error)
      else resolve({ columns: [], rows: found, count: found.length, more: found.length === rows })
    })
  })
}

async function release(): Promise<void> {
  const open = cursor
  cursor = null
  if (open !== null) await new Promise<void>((resolve) => open.close(resolve))
}

async function run(request: WireRequest): Promise<WireRows> {
  const nothing: WireRows = { columns: [], rows: [], count: 0, more: false }
  if (request.kind === 'end') {
    await client?.end().catch(() => undefined)
    client = null
    return nothing
  }
  if (request.kind === 'copy-end') {
    const begun = copy
    copy = null
    if (request.isAborted) await begun?.abort()
    if (request.isAborted) return nothing
    // Without it the connection went away under the rows: there is none to go on with.
    if (begun === null) throw new Error('The connection was lost during a COPY')
    return { ...nothing, count: await begun.end() }
  }
  client ??= await connect(options)
  if (request.kind === 'query') {
    const { text, name, values } = request
    const named = name === undefined ? {} : { name }
    return rowsOf(
      await client.query({ text, ...named, values: [...values], rowMode: 'array', types: WIRE_TYPES }),
    )
  }
  if (request.kind === 'copy-out') {
    return { ...nothing, rows: [[await readColumn(client, request.text)]], count: 1 }
  }
  if (request.kind === 'open') {
    const stream = new QueryStream(request.text, [...request.values], { rowMode: 'array', types: WIRE_TYPES })
    cursor = client.query(stream).cursor as Cursor
    const page = await read(cursor, request.rows)
    if (!page.more) await release()
    return page
  }
  if (request.kind === 'fetch') {
    if (cursor === null) return nothing
    const page = await read(cursor, request.rows)
    if (!page.more) await release()
    return page
  }
  await release()
  return nothing
}

function note(notice: WireNotice): void {
  if (notice.kind === 'copy-data') copy?.write(notice.chunk)
  else copy = client === null || lost !== null ? null : new CopyInput(client, notice.text)
}

async function answer(replyTo: MessagePort, request: WireRequest): Promise<void> {
  let reply: WireAnswer
  try {
    if (lost !== null && client !== null) throw lost
    reply = { ok: await run(request) }
  } catch (error) {
    const told = failureOf(error)
    const failure = { ...told, isLost: told.isLost || lost !== null }
    if (failure.isLost) {
      const gone = client
      client = null
      cursor = null
      copy = null
      lost = null
      // Not waited for: a server that does not answer would hold the answer to the one who waits.
      gone?.end().catch(() => undefined)
    }
    reply = { failure }
  }
  replyTo.postMessage(reply)
  Atomics.store(woken, 0, 1)
  Atomics.notify(woken, 0)
}

port.on('message', (message: WireRequest | WireNotice) => {
  if (message.kind === 'copy-begin' || message.kind === 'copy-data') note(message)
  else void answer(port, message)
})
