import { describe, expect, it } from 'vitest'
import { contentDigest } from '../../../electron/node/message/content-digest.ts'
import { encodeStreamMessage } from '../../../electron/node/message/encode.ts'
import { SIGNATURE_TYPE } from '../../../electron/node/message/stream-message.ts'
import type { StoredMessage } from '../../../electron/node/ports.ts'
import { ContentSchema } from '../../../electron/node/provenance/audit/content-schema.ts'
import { CONTENT, createSigner, signedMessage } from '../provenance/signers.ts'

const SCHEMA = {
  type: 'object',
  properties: { load: { type: 'number', minimum: 0 }, host: { type: 'string' } },
  required: ['load'],
}
const signer = createSigner(SIGNATURE_TYPE.secp256k1Evm)

async function stored(text: string, change: Partial<StoredMessage> = {}): Promise<StoredMessage> {
  const message = await signedMessage(signer, {
    body: { ...CONTENT, content: new TextEncoder().encode(text) },
  })
  return {
    id: message.id,
    digest: contentDigest(message),
    verdict: 'verified',
    reason: 'signed-and-permitted',
    equivocation: false,
    encrypted: false,
    source: 'live',
    receivedAt: 0,
    raw: encodeStreamMessage(message),
    ...change,
  }
}

async function problemsOf(schema: ContentSchema | null, messages: StoredMessage[]): Promise<string[]> {
  const problems: string[] = []
  await schema?.check(messages, (_message, problem) => problems.push(problem))
  return problems
}

describe('contents checked against the schema of their stream', () => {
  it('are counted: those that fit, those that do not with the place, those that cannot be read', async () => {
    const schema = ContentSchema.of(SCHEMA)
    const problems = await problemsOf(schema, [
      await stored('{"load":0.5}'),
      await stored('{"load":-1}'),
      await stored('{"host":"a"}'),
      await stored('not json'),
      await stored('{"load":-1}', { encrypted: true }),
      await stored('', { raw: Uint8Array.of(1, 2, 3) }),
    ])
    expect(problems).toEqual(['#/load: minimum', '#: required'])
    expect(schema?.counts).toMatchObject({ checked: 3, violations: 2, unreadable: 3, unchecked: 0 })
  })

  it('go on with the counts of before a pause, unless the schema is another now', () => {
    const counts = ContentSchema.of(SCHEMA)?.counts
    expect(ContentSchema.of(SCHEMA, { ...counts, checked: 7 } as never)?.counts.checked).toBe(7)
    expect(ContentSchema.of({ ...SCHEMA, title: 'other' }, counts)).toBeNull()
  })

  it('are left alone where there is no schema, or one whose checking has no bound', () => {
    for (const schema of [
      undefined,
      null,
      'x',
      { properties: { a: { pattern: '(a+)+$' } } },
      { $ref: '#' },
    ]) {
      expect(ContentSchema.of(schema)).toBeNull()
    }
  })
})
