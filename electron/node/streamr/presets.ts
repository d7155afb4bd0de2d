import { createRequire } from 'node:module'
import { z } from 'zod'
import type { PublicEnvironment } from '../../../shared/environment.ts'

/** Environments the SDK has addresses for, by the name Tidemark gives them. */
export const SDK_NAMES = {
  polygon: 'polygon',
  amoy: 'polygonAmoy',
  peaq: 'peaq',
  iotex: 'iotex',
} as const satisfies Record<PublicEnvironment, string>

const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/)
  .transform((text) => text.toLowerCase())

const presetSchema = z
  .object({
    id: z.int(),
    name: z.string(),
    nativeCurrency: z.object({ symbol: z.string() }),
    rpcEndpoints: z.array(z.object({ url: z.url() })).min(1),
    contracts: z.object({
      StreamRegistry: address,
      StreamStorageRegistry: address,
      StorageNodeRegistry: address,
    }),
    theGraphUrl: z.url().optional(),
    entryPoints: z.array(z.unknown()).default([]),
  })
  .transform(({ id, name, nativeCurrency, rpcEndpoints, contracts, theGraphUrl, entryPoints }) => ({
    chainId: id,
    title: name,
    currency: nativeCurrency.symbol,
    rpcUrls: rpcEndpoints.map(({ url }) => url),
    contracts: {
      streamRegistry: contracts.StreamRegistry,
      streamStorageRegistry: contracts.StreamStorageRegistry,
      storageNodeRegistry: contracts.StorageNodeRegistry,
    },
    theGraphUrl: theGraphUrl ?? null,
    entryPoints,
  }))

/** Where an environment is found, as the SDK itself has it: contracts, endpoints, entry points, hosted index. */
export type EnvironmentPreset = z.infer<typeof presetSchema>

/** Read from the package the SDK reads, so that the two never differ. The SDK itself, which is large, is not loaded. */
export function environmentPreset(environment: PublicEnvironment): EnvironmentPreset {
  const ours = createRequire(import.meta.url)
  const ofSdk = createRequire(ours.resolve('@streamr/sdk'))
  const { config } = ofSdk('@streamr/config') as { config: Record<string, unknown> }
  return presetSchema.parse(config[SDK_NAMES[environment]])
}
