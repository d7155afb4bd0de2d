import { randomUUID } from 'node:crypto'
import { open, readFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { TidemarkError } from '../../shared/errors.ts'
import { partitionInput, streamIdInput } from '../../shared/inputs.ts'

export const CONFIGURATION_FILE = 'config.json'
/** Far more than thousands of subscriptions take; a larger file is not ours. */
const MAX_FILE_BYTES = 4 * 1024 * 1024
export const MAX_SUBSCRIPTIONS = 1_000

export const ENVIRONMENTS = ['local'] as const

const subscriptionSchema = z.strictObject({ streamId: streamIdInput, partition: partitionInput })

const configurationSchema = z.strictObject({
  version: z.literal(1),
  environment: z.enum(ENVIRONMENTS).default('local'),
  subscriptions: z.array(subscriptionSchema).max(MAX_SUBSCRIPTIONS).default([]),
  /** The node's own streams are subscribed once; whoever unsubscribes them is not overruled at the next start. */
  ownStreamsOffered: z.boolean().default(false),
  /** Publish this machine's and the local chain's own metrics. */
  telemetry: z
    .strictObject({ machine: z.boolean(), chain: z.boolean() })
    .default({ machine: true, chain: true }),
  storageHttp: z
    .strictObject({ host: z.string().max(255), port: z.int().min(0).max(65_535) })
    .default({ host: '127.0.0.1', port: 0 }),
})

export type Configuration = z.infer<typeof configurationSchema>
export type Subscription = z.infer<typeof subscriptionSchema>

export interface ConfigurationFile {
  readonly current: Configuration
  /** Replaces the configuration; it is on disk when this resolves. Calls are carried out one after the other. */
  update(change: (current: Configuration) => Configuration): Promise<void>
}

async function readConfiguration(path: string): Promise<Configuration> {
  const info = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (info === null) return configurationSchema.parse({ version: 1 })
  const remedy = `Mend ${path}, or move it away to start with the defaults; stored messages are not touched by that.`
  if (info.size > MAX_FILE_BYTES) {
    throw new TidemarkError(
      'config-invalid',
      `The configuration file is larger than ${MAX_FILE_BYTES} bytes.`,
      remedy,
    )
  }
  let parsed: unknown
  try {
    parsed = JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'unreadable'
    throw new TidemarkError('config-invalid', `The configuration file is not valid JSON: ${why}.`, remedy, {
      cause,
    })
  }
  const result = configurationSchema.safeParse(parsed)
  if (!result.success) {
    const issue = result.error.issues[0]
    const where = issue?.path.join('.') || 'the whole file'
    throw new TidemarkError(
      'config-invalid',
      `The configuration file is wrong at ${where}: ${issue?.message}.`,
      remedy,
    )
  }
  return result.data
}

/** Writes beside and renames, so that a crash leaves the old or the new file, never half of one. */
async function writeDurably(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.new`
  const file = await open(temporary, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, path)
}

/**
 * Reads the data folder's configuration, or begins with the defaults.
 * @throws TidemarkError `config-invalid` when the file is broken; it is never overwritten in that case.
 */
export async function openConfiguration(dataDir: string): Promise<ConfigurationFile> {
  const path = join(dataDir, CONFIGURATION_FILE)
  let current = await readConfiguration(path)
  let queue: Promise<void> = Promise.resolve()
  return {
    get current() {
      return current
    },
    update(change) {
      const next = queue.then(async () => {
        const changed = configurationSchema.parse(change(current))
        await writeDurably(path, `${JSON.stringify(changed, null, 2)}\n`)
        current = changed
      })
      queue = next.catch(() => undefined)
      return next
    },
  }
}
