import type { RegistryIndex } from './registry/registry-index.ts'

/** The JSON Schema that the owner of a stream put into its metadata, if there is one. */
export async function schemaOfStream(
  index: Pick<RegistryIndex, 'stream'>,
  streamId: string,
): Promise<unknown> {
  const stream = await index.stream(streamId)
  try {
    return (JSON.parse(stream?.metadata ?? '{}') as { schema?: unknown } | null)?.schema
  } catch {
    // Streams may have any text as metadata; such a one has no schema.
    return undefined
  }
}
