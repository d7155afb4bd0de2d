import { join } from 'node:path'
import { create, type DescMessage, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import fc from 'fast-check'
import protobuf from 'protobufjs'
import { describe, expect, it } from 'vitest'
import { HeadHintsSchema } from '../../../../electron/node/remote-log/wire/generated/tidemark/head_hints_pb.ts'
import {
  AddressSchema,
  ContentSchema,
} from '../../../../electron/node/remote-log/wire/generated/vac/cas_pb.ts'
import {
  MessageSchema,
  MetadataSchema,
  PayloadSchema,
} from '../../../../electron/node/remote-log/wire/generated/vac/mvds_pb.ts'
import {
  ContentSchema as NamedContentSchema,
  NameUpdateSchema,
  QuerySchema,
  ResponseSchema,
} from '../../../../electron/node/remote-log/wire/generated/vac/ns_pb.ts'
import {
  RemoteLog_PairSchema,
  RemoteLogSchema,
} from '../../../../electron/node/remote-log/wire/generated/vac/remote_log_pb.ts'

/** protobufjs reads the .proto files by itself: its parser, its encoder and its decoder share nothing with ours. */
const PROTO_DIR = join(import.meta.dirname, '../../../../electron/node/remote-log/wire/proto')
const load = (file: string) => protobuf.loadSync(join(PROTO_DIR, file))
const independent = {
  mvds: load('vac/mvds.proto'),
  cas: load('vac/cas.proto'),
  ns: load('vac/ns.proto'),
  log: load('vac/remote_log.proto'),
  hints: load('tidemark/head_hints.proto'),
}

const bytes = fc.uint8Array({ maxLength: 64 }).map((value) => Uint8Array.from(value))
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const metadata = fc.record({ parents: fc.array(bytes, { maxLength: 4 }), ephemeral: fc.boolean() })
const message = fc
  .record({ groupId: bytes, timestamp: int64, body: bytes })
  .chain((base) =>
    fc
      .option(metadata, { nil: undefined })
      .map((meta) => (meta === undefined ? base : { ...base, metadata: meta })),
  )
const pair = fc.record({ remoteHash: bytes, localHash: bytes, data: bytes })

interface Case<Schema extends DescMessage> {
  schema: Schema
  root: protobuf.Root
  values: fc.Arbitrary<MessageInitShape<Schema>>
}
const wireCase = <Schema extends DescMessage>(entry: Case<Schema>) => entry as unknown as Case<DescMessage>

const CASES: Case<DescMessage>[] = [
  wireCase({ schema: MessageSchema, root: independent.mvds, values: message }),
  wireCase({ schema: MetadataSchema, root: independent.mvds, values: metadata }),
  wireCase({
    schema: PayloadSchema,
    root: independent.mvds,
    values: fc.record({
      acks: fc.array(bytes, { maxLength: 4 }),
      offers: fc.array(bytes, { maxLength: 4 }),
      requests: fc.array(bytes, { maxLength: 4 }),
      messages: fc.array(message, { maxLength: 3 }),
    }),
  }),
  wireCase({ schema: AddressSchema, root: independent.cas, values: fc.record({ id: bytes }) }),
  wireCase({ schema: ContentSchema, root: independent.cas, values: fc.record({ data: bytes }) }),
  wireCase({
    schema: NameUpdateSchema,
    root: independent.ns,
    values: fc.record({ name: fc.string({ unit: 'grapheme' }), content: bytes }),
  }),
  wireCase({ schema: QuerySchema, root: independent.ns, values: fc.record({ name: fc.string() }) }),
  wireCase({ schema: NamedContentSchema, root: independent.ns, values: fc.record({ data: bytes }) }),
  wireCase({ schema: ResponseSchema, root: independent.ns, values: fc.record({ data: bytes }) }),
  wireCase({ schema: RemoteLog_PairSchema, root: independent.log, values: pair }),
  wireCase({
    schema: RemoteLogSchema,
    root: independent.log,
    values: fc.record({ pair: fc.array(pair, { maxLength: 5 }), tail: bytes }),
  }),
  wireCase({
    schema: HeadHintsSchema,
    root: independent.hints,
    values: fc.record({ cas: fc.array(bytes, { maxLength: 3 }) }),
  }),
]

/** Field numbers, names and kinds, as protobufjs found them in the .proto file. */
function declaredFields(type: protobuf.Type) {
  return type.fieldsArray
    .map((field) => ({ number: field.id, repeated: field.repeated }))
    .sort((a, b) => a.number - b.number)
}

describe.each(CASES)(
  '$schema.typeName, against an independent protobuf implementation',
  ({ schema, root, values }) => {
    const type = root.lookupType(schema.typeName)

    it('has the fields of the .proto file', () => {
      const generated = schema.fields.map((field) => ({
        number: field.number,
        repeated: field.fieldKind === 'list',
      }))
      expect(generated.sort((a, b) => a.number - b.number)).toEqual(declaredFields(type))
    })

    it('is read by the other as it was written here, and written by the other byte for byte as here', () => {
      fc.assert(
        fc.property(values, (value) => {
          const written = toBinary(schema, create(schema, value))
          const read = type.decode(written)
          expect(type.verify(type.toObject(read))).toBeNull()
          expect(Buffer.from(type.encode(read).finish()).toString('hex')).toBe(
            Buffer.from(written).toString('hex'),
          )
        }),
      )
    })

    it('is read here as the other wrote it', () => {
      fc.assert(
        fc.property(values, (value) => {
          const written = toBinary(schema, create(schema, value))
          const rewritten = Uint8Array.from(type.encode(type.decode(written)).finish())
          expect(fromBinary(schema, rewritten)).toEqual(create(schema, value))
        }),
      )
    })
  },
)
