import { readFile, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { environmentInput } from '../../shared/environment.ts'
import { TidemarkError } from '../../shared/errors.ts'
import { MAX_PARTITION, MAX_STREAM_ID_LENGTH } from '../../shared/inputs.ts'
import { sourceListSchema } from '../../shared/sources.ts'

/** Far more than any agent's configuration takes; a larger file is not one. */
const MAX_FILE_BYTES = 1024 * 1024
/** Other nodes of one fleet that are named one by one when its stream is made; further ones are granted later. */
export const MAX_NAMED_PUBLISHERS = 100
/** A week without a network, at a few sources every ten seconds. */
const DEFAULT_OUTBOX_MEGABYTES = 64
export const MAX_OUTBOX_MEGABYTES = 4_096

/** The agent's own health is published under this name. */
export const AGENT_SOURCE = 'agent'

const address = z
  .string()
  .trim()
  .regex(/^0x[0-9a-fA-F]{40}$/, 'must be 0x and 40 hex digits')
  .transform((text) => text.toLowerCase())
const url = z.url().max(2_048)

/** As the `network` part of a portal's ready line; keys that are not used here are left out, the funded one too. */
const networkSchema = z.object({
  environment: environmentInput,
  rpcUrl: url,
  rpcUrls: z.array(url).max(16).optional(),
  chainId: z.int().positive(),
  theGraphUrl: url,
  contracts: z.object({
    streamRegistry: address,
    streamStorageRegistry: address,
    storageNodeRegistry: address,
  }),
  entryPoints: z.array(z.unknown()).max(64),
})

const streamSchema = z.strictObject({
  /** A whole id, or a path behind the agent's own address: `/fleet`. */
  id: z
    .string()
    .trim()
    .max(MAX_STREAM_ID_LENGTH)
    .regex(/^[^\s/]*\/\S*$/, 'a stream id or a path that begins with / is expected'),
  partition: z.int().min(0).max(MAX_PARTITION).default(0),
  /** For the stream's description when it is made. */
  description: z.string().trim().max(200).default('Telemetry of app-chain nodes'),
  /** Who may publish beside the owner when it is made. */
  publishers: z.union([z.literal('everybody'), z.array(address).max(MAX_NAMED_PUBLISHERS)]).default([]),
  /** Everybody may read; otherwise messages are encrypted for those who are granted later. */
  public: z.boolean().default(true),
})

const agentConfigSchema = z
  .strictObject({
    version: z.literal(1),
    /** Key and outbox are kept here; relative to the configuration file. */
    data: z.string().min(1).max(4_096),
    environment: environmentInput.optional(),
    network: networkSchema.optional(),
    stream: streamSchema,
    sources: sourceListSchema.min(1),
    outboxMegabytes: z.int().min(1).max(MAX_OUTBOX_MEGABYTES).default(DEFAULT_OUTBOX_MEGABYTES),
  })
  .refine(({ environment, network }) => environment !== undefined || network !== undefined, {
    path: ['network'],
    message: 'name a public environment, or give the network part of a portal’s ready line',
  })
  .refine(({ sources }) => sources.every(({ name }) => name !== AGENT_SOURCE), {
    path: ['sources'],
    message: `the name "${AGENT_SOURCE}" is the agent’s own`,
  })

export type AgentConfig = z.infer<typeof agentConfigSchema>

/**
 * Reads an agent's configuration file.
 * @throws TidemarkError `config-invalid`
 */
export async function readAgentConfig(file: string): Promise<AgentConfig> {
  const path = resolve(file)
  const parsed = agentConfigSchema.safeParse(await readJson(path))
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw invalid(path, `is wrong at ${issue?.path.join('.') || 'the whole file'}: ${issue?.message}`)
  }
  return { ...parsed.data, data: resolve(dirname(path), parsed.data.data) }
}

async function readJson(path: string): Promise<unknown> {
  const info = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw invalid(path, cause.code === 'ENOENT' ? 'is not there' : 'cannot be read', cause)
  })
  if (info.size > MAX_FILE_BYTES) throw invalid(path, `is larger than ${MAX_FILE_BYTES} bytes`)
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch {
    // The parser's message quotes the text, which may hold a key of an endpoint.
    throw invalid(path, 'is not valid JSON')
  }
}

function invalid(path: string, what: string, cause?: Error): TidemarkError {
  return new TidemarkError(
    'config-invalid',
    `The agent’s configuration file ${path} ${what}.`,
    'Mend it; resources/agent/tidemark-agent.json is one to begin with.',
    cause === undefined ? undefined : { cause },
  )
}
