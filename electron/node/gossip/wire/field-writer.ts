import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import type { FieldsOf, Schema } from './field-reader.ts'

/** Writes what `readFields` reads with the same schema; fields that are 0 or empty are left out, as in proto3. */
export function writeFields<S extends Schema>(schema: S, values: FieldsOf<S>): Uint8Array {
  const writer = new BinaryWriter()
  for (const [name, rule] of Object.entries(schema)) {
    const value: unknown = values[name]
    if (rule.kind === 'number') {
      if (value !== 0) writer.tag(rule.field, WireType.Varint).uint64(value as number)
    } else if (rule.kind === 'bytes') {
      const bytes = value as Uint8Array
      if (bytes.length > 0) writer.tag(rule.field, WireType.LengthDelimited).bytes(bytes)
    } else if (rule.kind === 'text') {
      if (value !== '') writer.tag(rule.field, WireType.LengthDelimited).string(value as string)
    } else if (rule.kind === 'chunks') {
      for (const chunk of value as Uint8Array[]) writer.tag(rule.field, WireType.LengthDelimited).bytes(chunk)
    } else {
      writeNumbers(writer, rule.field, value as Float64Array)
    }
  }
  return writer.finish()
}

function writeNumbers(writer: BinaryWriter, field: number, numbers: Float64Array): void {
  if (numbers.length === 0) return
  writer.tag(field, WireType.LengthDelimited).fork()
  for (const number of numbers) writer.uint64(number)
  writer.join()
}
