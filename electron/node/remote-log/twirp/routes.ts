import type { DescMessage, DescMethodUnary, MessageInitShape, MessageShape } from '@bufbuild/protobuf'
import { MAX_BLOCK_BYTES, MAX_NAME_BYTES } from '../bounds.ts'
import { CAS } from '../wire/generated/vac/cas_pb.ts'
import { NS } from '../wire/generated/vac/ns_pb.ts'

/** The two encodings of Twirp, by their content type. */
export const CONTENT_TYPES = { protobuf: 'application/protobuf', json: 'application/json' } as const
export type TwirpEncoding = keyof typeof CONTENT_TYPES

/** Largest body in either direction: a block and a name, which JSON carries as base64. */
export const MAX_BODY_BYTES: Record<TwirpEncoding, number> = {
  protobuf: MAX_BLOCK_BYTES + MAX_NAME_BYTES + 64,
  json: Math.ceil((MAX_BLOCK_BYTES * 4) / 3) + 6 * MAX_NAME_BYTES + 256,
}

export type Method<Input extends DescMessage, Output extends DescMessage> = DescMethodUnary<Input, Output>

export const METHODS = {
  add: CAS.method.add,
  get: CAS.method.get,
  update: NS.method.update,
  fetch: NS.method.fetch,
} as const
export type MethodName = keyof typeof METHODS
export type Input<Name extends MethodName> = MessageShape<(typeof METHODS)[Name]['input']>
export type Output<Name extends MethodName> = MessageInitShape<(typeof METHODS)[Name]['output']>

export function pathOf(method: { parent: { typeName: string }; name: string }): string {
  return `/twirp/${method.parent.typeName}/${method.name}`
}
