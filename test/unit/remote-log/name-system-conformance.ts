import { describe, expect, it } from 'vitest'
import { MAX_BLOCK_BYTES } from '../../../electron/node/remote-log/bounds.ts'
import type { NameSystem } from '../../../electron/node/remote-log/ports.ts'
import { rejectionCode } from './error-code.ts'

export interface NameSystemUnderTest {
  names: NameSystem
  /** Another way to the same names. */
  other: NameSystem
  /** A name that `names` may update, another at each call. */
  freshName(): Promise<string>
}

/** What every `NameSystem` does. `open` is called once a test; it registers its own cleaning up. */
export function describeNameSystem(what: string, open: () => Promise<NameSystemUnderTest>): void {
  describe(`${what}, as a name system`, () => {
    it('answers with what a name was last updated to', async () => {
      const { names, freshName } = await open()
      const name = await freshName()
      await names.update(name, Buffer.from('one'))
      await names.update(name, Buffer.from('two'))
      expect(Buffer.from(await names.fetch(name)).toString()).toBe('two')
    })

    it('answers others', async () => {
      const { names, other, freshName } = await open()
      const name = await freshName()
      await names.update(name, Buffer.from('for others'))
      expect(Buffer.from(await other.fetch(name)).toString()).toBe('for others')
      await names.update(name, Buffer.from('news'))
      expect(Buffer.from(await other.fetch(name)).toString()).toBe('news')
    })

    it('keeps names apart', async () => {
      const { names, freshName } = await open()
      const [first, second] = [await freshName(), await freshName()]
      await names.update(first, Buffer.from('first'))
      await names.update(second, Buffer.from('second'))
      expect(Buffer.from(await names.fetch(first)).toString()).toBe('first')
    })

    it('says that nothing is published under a name', async () => {
      const { other, freshName } = await open()
      expect(await rejectionCode(other.fetch(await freshName()))).toBe('name-missing')
    })

    it('refuses what is no name', async () => {
      const { names } = await open()
      for (const name of ['', 'two words', 'a'.repeat(513)]) {
        expect(await rejectionCode(names.fetch(name))).toBe('name-invalid')
        expect(await rejectionCode(names.update(name, Buffer.of(1)))).toBe('name-invalid')
      }
    })

    it('refuses a value that is larger than a block', async () => {
      const { names, freshName } = await open()
      const value = new Uint8Array(MAX_BLOCK_BYTES + 1)
      expect(await rejectionCode(names.update(await freshName(), value))).toBe('content-too-large')
    })

    it('does nothing for a caller that has given up', async () => {
      const { names, freshName } = await open()
      const name = await freshName()
      const signal = AbortSignal.abort(new Error('enough'))
      await expect(names.update(name, Buffer.of(1), { signal })).rejects.toThrow('enough')
      await expect(names.fetch(name, { signal })).rejects.toThrow('enough')
    })
  })
}
