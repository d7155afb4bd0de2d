import { describe, expect, it } from 'vitest'
import { addressOf } from '../../../electron/node/remote-log/address.ts'
import { MAX_BLOCK_BYTES } from '../../../electron/node/remote-log/bounds.ts'
import type { ContentStore } from '../../../electron/node/remote-log/ports.ts'
import { rejectionCode } from './error-code.ts'

/** A content store under test, with a way to damage what it keeps. */
export interface ContentStoreUnderTest {
  store: ContentStore
  /** Another way into the same kept content: another process's, another peer's, another client's. */
  other: ContentStore
  /** Makes the keeper hand out `content` for `address` from now on. */
  corrupt(address: Uint8Array, content: Uint8Array): Promise<void>
}

/** What every `ContentStore` does. `open` is called once a test; it registers its own cleaning up. */
export function describeContentStore(what: string, open: () => Promise<ContentStoreUnderTest>): void {
  describe(`${what}, as a content store`, () => {
    it('hands out what was added under the address of its content', async () => {
      const { store } = await open()
      const content = Buffer.from('some content')
      const address = await store.add(content)
      expect(Buffer.compare(address, addressOf(content))).toBe(0)
      expect(Buffer.compare(await store.get(address), content)).toBe(0)
    })

    it('hands out to others what was added', async () => {
      const { store, other } = await open()
      const content = Buffer.from('for others')
      expect(Buffer.compare(await other.get(await store.add(content)), content)).toBe(0)
    })

    it('takes the same content twice', async () => {
      const { store } = await open()
      const first = await store.add(Buffer.from('twice'))
      expect(Buffer.compare(await store.add(Buffer.from('twice')), first)).toBe(0)
    })

    it('takes many at once and keeps each', async () => {
      const { store, other } = await open()
      const contents = Array.from({ length: 200 }, (_, at) => Buffer.from(`content ${at}`))
      const addresses = await Promise.all(contents.map((content) => store.add(content)))
      const back = await Promise.all(addresses.map((address) => other.get(address)))
      expect(back.map((content) => Buffer.from(content).toString())).toEqual(contents.map(String))
    })

    it('takes a block of the largest size', async () => {
      const { store, other } = await open()
      const content = new Uint8Array(MAX_BLOCK_BYTES).fill(1)
      expect(await other.get(await store.add(content))).toHaveLength(MAX_BLOCK_BYTES)
    })

    it('refuses a larger block before sending it anywhere', async () => {
      const { store } = await open()
      expect(await rejectionCode(store.add(new Uint8Array(MAX_BLOCK_BYTES + 1)))).toBe('content-too-large')
    })

    it('says that content is missing', async () => {
      const { store } = await open()
      expect(await rejectionCode(store.get(addressOf(Buffer.from('never added'))))).toBe('content-missing')
    })

    it('refuses content that does not match its address', async () => {
      const { store, other, corrupt } = await open()
      const address = await store.add(Buffer.from('what was said'))
      await corrupt(address, Buffer.from('what was not said'))
      // A store that checks what its keeper sends may also find that nobody has the right content.
      expect(['content-mismatch', 'content-missing']).toContain(await rejectionCode(other.get(address)))
    })

    it('does nothing for a caller that has given up', async () => {
      const { store } = await open()
      const signal = AbortSignal.abort(new Error('enough'))
      await expect(store.add(Buffer.from('late'), { signal })).rejects.toThrow('enough')
      await expect(store.get(addressOf(Buffer.from('late')), { signal })).rejects.toThrow('enough')
    })
  })
}
