import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'pg'
import type { WireOptions } from '../../electron/node/store/postgres/wire-protocol.ts'

const PASSWORD = 'a password, with "marks" and ü'

/** Why the suites that need a PostgreSQL server cannot run here; null where they can. */
export const POSTGRES_MISSING: string | null =
  binaries() === null ? 'no PostgreSQL server is installed (Debian: apt-get install postgresql)' : null

/** A PostgreSQL server of the tests' own, in a folder of its own, as a user without rights. */
export interface PostgresCluster {
  /** How a store reaches it, each with a schema of its own. */
  wire(schema: string, changes?: Partial<WireOptions>): WireOptions
  /** A connection of the tests' own, as the superuser. */
  admin<T>(work: (client: Client) => Promise<T>): Promise<T>
  /** Ends all processes of the server at once, and waits until it is gone. */
  kill(): Promise<void>
  start(): Promise<void>
  /** To all processes of the server. */
  signal(signal: NodeJS.Signals): void
  stop(): Promise<void>
}

function binaries(): string | null {
  const root = '/usr/lib/postgresql'
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [...versions.map((version) => join(root, version, 'bin')), '/usr/local/bin', '/usr/bin']
  return (
    folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres'))) ??
    null
  )
}

/** A server does not run as root: there Debian's own user is taken. */
function account(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

/** The server is a process a connection, each with a session of its own: a signal to one reaches not the others. */
function signalAll(server: ChildProcess, signal: NodeJS.Signals): void {
  const { pid = 0 } = server
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter((id) => id !== '')
  for (const id of [pid, ...children.map(Number)]) {
    try {
      process.kill(id, signal)
    } catch {
      // It has ended by itself.
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

export interface ClusterOptions {
  /** Whether the server waits for the disk; without it a loss of power, not of the process, may lose what is stored. */
  fsync?: boolean
  settings?: readonly string[]
  /** A folder with `key.pem` and `cert.pem`, for a server that takes encrypted connections as well. */
  certificates?: string
}

export async function startPostgresCluster(options: ClusterOptions = {}): Promise<PostgresCluster> {
  const bin = binaries()
  if (bin === null) throw new Error(POSTGRES_MISSING ?? 'missing')
  const user = account()
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-postgres-'))
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, PASSWORD)
  if (user !== null) for (const path of [folder, passwordFile]) chownSync(path, user.uid, user.gid)
  const data = join(folder, 'data')
  const login = ['-A', 'scram-sha-256', '-U', 'tidemark', `--pwfile=${passwordFile}`]
  execFileSync(join(bin, 'initdb'), ['-D', data, '-N', '-E', 'UTF8', '--locale=C.UTF-8', ...login], {
    ...user,
    stdio: 'ignore',
    cwd: folder,
  })
  if (options.certificates !== undefined) {
    for (const name of ['key.pem', 'cert.pem']) {
      const copy = join(data, name)
      copyFileSync(join(options.certificates, name), copy)
      if (user !== null) chownSync(copy, user.uid, user.gid)
      chmodSync(copy, 0o600)
    }
  }
  const encryption =
    options.certificates === undefined ? [] : ['ssl=on', 'ssl_key_file=key.pem', 'ssl_cert_file=cert.pem']
  const port = await freePort()
  let server: ChildProcess | null = null

  const connect = async (): Promise<Client> => {
    const target = { host: '127.0.0.1', port, user: 'tidemark', password: PASSWORD, database: 'postgres' }
    const client = new Client(target)
    client.on('error', () => undefined)
    await client.connect()
    return client
  }
  const start = async (): Promise<void> => {
    const settings = [
      ...['listen_addresses=127.0.0.1', `port=${port}`, `unix_socket_directories=${folder}`],
      ...[`fsync=${options.fsync ? 'on' : 'off'}`, 'shared_buffers=128MB', ...encryption],
      ...(options.settings ?? []),
    ]
    const child = spawn(join(bin, 'postgres'), ['-D', data, ...settings.flatMap((s) => ['-c', s])], {
      ...user,
      stdio: 'ignore',
      cwd: folder,
    })
    server = child
    for (;;) {
      if (child.exitCode !== null) throw new Error(`The database server ended with ${child.exitCode}`)
      const client = await connect().catch(() => null)
      if (client !== null) {
        await client.end()
        return
      }
      await delay(50)
    }
  }
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const child = server
    server = null
    if (child === null || child.exitCode !== null) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    if (signal === 'SIGKILL') signalAll(child, signal)
    else child.kill(signal)
    await gone
  }
  await start()
  return {
    wire: (schema, changes) => ({
      host: '127.0.0.1',
      port,
      database: 'postgres',
      user: 'tidemark',
      password: PASSWORD,
      tls: 'off',
      ca: null,
      schema,
      readers: 2,
      statementTimeoutMs: 30_000,
      answerTimeoutMs: 60_000,
      ...changes,
    }),
    admin: async (work) => {
      const client = await connect()
      try {
        return await work(client)
      } finally {
        await client.end()
      }
    },
    kill: () => end('SIGKILL'),
    start,
    signal: (signal) => {
      if (server !== null) signalAll(server, signal)
    },
    stop: async () => {
      await end('SIGINT')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
