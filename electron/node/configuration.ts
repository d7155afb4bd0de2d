import { join } from 'node:path'
import { z } from 'zod'
import { databaseChoiceInput } from '../../shared/database.ts'
import { environmentInput } from '../../shared/environment.ts'
import { partitionInput, streamIdInput } from '../../shared/inputs.ts'
import { peersInput } from '../../shared/peers.ts'
import { SYNC_MODES } from '../../shared/remote-log.ts'
import { sourceListSchema } from '../../shared/sources.ts'
import { apiKeySchema, MAX_API_KEYS, storageHttpInput } from '../../shared/storage-http.ts'
import { openSettingsFile, type SettingsFile } from './settings-file.ts'

export const CONFIGURATION_FILE = 'config.json'
export const MAX_SUBSCRIPTIONS = 1_000

const subscriptionSchema = z.strictObject({ streamId: streamIdInput, partition: partitionInput })

const configurationSchema = z.strictObject({
  version: z.literal(1),
  /** Kept from when there was one; `environment.json` in the data folder says which is used. */
  environment: environmentInput.default('local'),
  subscriptions: z.array(subscriptionSchema).max(MAX_SUBSCRIPTIONS).default([]),
  /** The node's own streams are subscribed once; whoever unsubscribes them is not overruled at the next start. */
  ownStreamsOffered: z.boolean().default(false),
  /** Publish this machine's and the local chain's own metrics. */
  telemetry: z
    .strictObject({ machine: z.boolean(), chain: z.boolean() })
    .default({ machine: true, chain: true }),
  /** What this node measures besides itself, for its stream `/tidemark/sources`. */
  sources: sourceListSchema.default([]),
  /** Whether `/metrics` of the portal answers to anybody on this machine, without the bearer. */
  metrics: z.strictObject({ open: z.boolean() }).default({ open: false }),
  remoteLog: z
    .strictObject({
      /** Content and names of this node's own keeper over HTTP; `writeToken` lets others write. */
      serve: z
        .strictObject({
          host: z.string().max(255),
          port: z.int().min(0).max(65_535),
          writeToken: z.string().min(1).max(512).nullable(),
        })
        .nullable(),
      /** How nodes of one user that are paired send what they store. */
      syncMode: z.enum(SYNC_MODES).default('interactive'),
    })
    .prefault({ serve: null }),
  storageHttp: storageHttpInput
    .extend({ apiKeys: z.array(apiKeySchema).max(MAX_API_KEYS).default([]) })
    .prefault({ host: '127.0.0.1', port: 0 }),
  peers: peersInput.prefault({}),
  /** Where messages are kept. The password of a server is in a file of its own. */
  database: databaseChoiceInput.prefault({}),
})

export type Configuration = z.infer<typeof configurationSchema>
export type Subscription = z.infer<typeof subscriptionSchema>

export type ConfigurationFile = SettingsFile<Configuration>

/**
 * Reads an environment's configuration, or begins with the defaults.
 * @throws TidemarkError `config-invalid` when the file is broken; it is never overwritten in that case.
 */
export function openConfiguration(folder: string): Promise<ConfigurationFile> {
  return openSettingsFile(join(folder, CONFIGURATION_FILE), configurationSchema, { version: 1 })
}
