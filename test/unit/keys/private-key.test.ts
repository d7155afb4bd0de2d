import { format, inspect } from 'node:util'
import { Wallet } from 'ethers'
import fc from 'fast-check'
import pino from 'pino'
import { describe, expect, it } from 'vitest'
import { PrivateKey } from '../../../electron/keys/private-key.ts'

describe('a private key', () => {
  it('has the address Ethereum derives from it', () => {
    const key = PrivateKey.random()
    expect(key.address).toBe(new Wallet(key.reveal()).address.toLowerCase())
    expect(key.address).toMatch(/^0x[0-9a-f]{40}$/)
  })

  it('gives nothing but its address to logs, JSON, templates, inspection, cloning and enumeration', () => {
    const key = PrivateKey.random()
    const lines: string[] = []
    const log = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) })
    log.info({ key, nested: { key } }, 'started')
    const said = [
      ...lines,
      JSON.stringify({ key }),
      `${key}`,
      inspect(key, { depth: 9, showHidden: true }),
      inspect({ deep: { key } }),
      format('%s %o %O %j', key, key, key, key),
      JSON.stringify(structuredClone({ ...key })),
      JSON.stringify(Object.getOwnPropertyDescriptors(key)),
      new Error('failed', { cause: key }).cause,
    ].map(String)
    const secret = key.reveal().slice(2)
    for (const text of said) {
      expect(text.toLowerCase()).not.toContain(secret)
      expect(text).not.toContain(Buffer.from(secret, 'hex').toString('base64'))
      expect(text).not.toContain([...Buffer.from(secret, 'hex')].join(','))
    }
    expect(said[0]).toContain(key.address)
  })

  it('does not cross to another thread by accident', () => {
    const copy = structuredClone(PrivateKey.random()) as Partial<PrivateKey>
    expect(Object.keys(copy)).toEqual(['address'])
    expect(copy.reveal).toBeUndefined()
  })

  it('refuses bytes that are no private key, without repeating them', () => {
    const order = Buffer.from('fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141', 'hex')
    for (const bytes of [new Uint8Array(32), new Uint8Array(31).fill(1), new Uint8Array(33).fill(1), order]) {
      expect(() => new PrivateKey(bytes)).toThrow('These bytes are no secp256k1 private key.')
    }
  })

  it('keeps its own copy: overwriting the bytes it came from or gave away changes nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        fc.pre(bytes.some((byte) => byte !== 0) && bytes[0] !== 255)
        const key = new PrivateKey(bytes)
        const before = key.reveal()
        key.revealBytes().fill(0)
        bytes.fill(7)
        expect(key.reveal()).toBe(before)
      }),
    )
  })
})
