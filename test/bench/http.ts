import { fork } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startStorageServer } from '../../electron/api/storage-http/storage-server.ts'
import { contentDigest } from '../../electron/node/message/content-digest.ts'
import { decodeStreamMessage } from '../../electron/node/message/decode.ts'
import { encodeStreamMessage } from '../../electron/node/message/encode.ts'
import type { Logger, VerifiedMessage } from '../../electron/node/ports.ts'
import { openSqliteStore } from '../../electron/node/store/sqlite-store.ts'

const STREAM_ID = '0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/tidemark/machine'
const PUBLISHER = `0x${'b1'.repeat(20)}`
const MESSAGES = 300_000
const APPEND_MESSAGES = 5_000
/** Each side is read this often in turn; the best counts, so that a disturbance hits neither side alone. */
const ROUNDS = 5

const quiet: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: (fields, message) => process.stderr.write(`${message} ${JSON.stringify(fields)}\n`),
  child: () => quiet,
}

/** Telemetry of about 400 bytes, the size of a node's own metrics. */
function message(at: number): VerifiedMessage {
  const timestamp = Date.UTC(2026, 0, 1) + at * 1_000
  const id = {
    streamId: STREAM_ID,
    partition: 0,
    timestamp,
    sequence: 0,
    publisher: PUBLISHER,
    chain: 'bench-chain',
  }
  const previous = at === 0 ? undefined : { timestamp: timestamp - 1_000, sequence: 0 }
  const content = {
    cpu: { user: 12.5 + (at % 50), system: 3.25, idle: 84.25 - (at % 50) },
    memory: { usedBytes: 6_871_947_673 + at, freeBytes: 1_717_986_918 },
    disk: { readBytesPerSecond: (at * 37) % 1_000_000, writeBytesPerSecond: (at * 91) % 1_000_000 },
    network: { receivedBytesPerSecond: (at * 13) % 100_000, sentBytesPerSecond: (at * 17) % 100_000 },
  }
  const raw = encodeStreamMessage({
    id,
    previous,
    signature: new Uint8Array(65).fill(at % 256),
    signatureType: 1,
    body: {
      kind: 'content',
      content: new Uint8Array(Buffer.from(JSON.stringify(content))),
      contentType: 0,
      encryptionType: 0,
      groupKeyId: undefined,
      newGroupKey: undefined,
    },
  })
  return {
    id,
    previous,
    digest: contentDigest(decodeStreamMessage(raw)),
    verdict: 'verified',
    reason: 'signed-and-permitted',
    source: 'live',
    receivedAt: timestamp,
    encrypted: false,
    fields: [],
    raw,
  }
}

/** Reads a URL to its end in a process of its own, as a client would, and says how fast. */
function read(url: string): Promise<{ bytes: number; seconds: number }> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), ['--read', url])
    child.once('message', (figures) => resolve(figures as { bytes: number; seconds: number }))
    child.once('error', reject)
    child.once('exit', (code) => code !== 0 && reject(new Error(`The reader ended with ${code}`)))
  })
}

function readHere(url: string): void {
  const start = performance.now()
  get(url, { agent: false }, (response) => {
    let bytes = 0
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    response.on('end', () => {
      if (response.statusCode !== 200) process.exit(1)
      process.send?.({ bytes, seconds: (performance.now() - start) / 1_000 }, () => process.exit(0))
    })
  })
}

/** A raw-format resend of everything, over a bare file of the same bytes through Node’s own HTTP server. */
export async function run(): Promise<Record<string, unknown>> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-bench-http-'))
  const store = await openSqliteStore({ file: join(folder, 'messages.sqlite'), logger: quiet, clock: Date })
  const file = join(folder, 'frames')
  const bare = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/octet-stream' })
    createReadStream(file).pipe(response)
  })
  try {
    const frames: Uint8Array[] = []
    for (let at = 0; at < MESSAGES; at += APPEND_MESSAGES) {
      const batch = Array.from({ length: APPEND_MESSAGES }, (_, offset) => message(at + offset))
      for (const { raw } of batch) {
        const prefix = Buffer.alloc(4)
        prefix.writeUInt32BE(raw.length)
        frames.push(prefix, raw)
      }
      await store.append(batch)
    }
    await writeFile(file, Buffer.concat(frames.splice(0)))
    await new Promise<void>((resolve) => bare.listen(0, '127.0.0.1', resolve))
    const server = await startStorageServer({
      store,
      isStored: () => true,
      host: '127.0.0.1',
      port: 0,
      logger: quiet,
    })
    const resendUrl = `${server.url}/streams/${encodeURIComponent(STREAM_ID)}/data/partitions/0/from?fromTimestamp=0&format=raw`
    const fileUrl = `http://127.0.0.1:${(bare.address() as AddressInfo).port}/`
    let [resend, ofFile, bytes] = [0, 0, 0]
    for (let round = 0; round < ROUNDS; round++) {
      const fromFile = await read(fileUrl)
      const fromStore = await read(resendUrl)
      if (fromFile.bytes !== fromStore.bytes) throw new Error('The two sides did not send the same')
      bytes = fromStore.bytes
      resend = Math.max(resend, fromStore.bytes / 1e6 / fromStore.seconds)
      ofFile = Math.max(ofFile, fromFile.bytes / 1e6 / fromFile.seconds)
    }
    await server.close()
    return {
      MBps: Math.round(resend),
      fileMBps: Math.round(ofFile),
      ratio: Number((resend / ofFile).toFixed(3)),
      messages: MESSAGES,
      bytesPerMessage: Math.round(bytes / MESSAGES),
    }
  } finally {
    bare.close()
    await store.close()
    await rm(folder, { recursive: true, force: true })
  }
}

if (process.argv[2] === '--read') readHere(process.argv[3] ?? '')
