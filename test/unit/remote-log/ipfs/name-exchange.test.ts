import { randomUUID } from 'node:crypto'
import { createIPNSRecord, IPNSEntry, ipnsValidator, multihashToIPNSRoutingKey } from '@helia/ipns'
import type { Stream } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import { createHeliaLight } from 'helia'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { addressOf, toCid } from '../../../../electron/node/remote-log/address.ts'
import { MAX_NAME_KEY_BYTES, MAX_RECORD_BYTES } from '../../../../electron/node/remote-log/ipfs/limits.ts'
import { NAME_PROTOCOL, NameExchange } from '../../../../electron/node/remote-log/ipfs/name-exchange.ts'
import { quietLogger } from '../quiet-logger.ts'
import { testHost } from '../test-host.ts'

const { keychain } = createHeliaLight()

/** A name, and how its owner signs the record that leads to `value`. */
async function newName() {
  const key = await keychain.generateKey(randomUUID())
  const routingKey = multihashToIPNSRoutingKey(key.publicKey.toMultihash())
  const sign = async (value: string, sequence: number, lifetimeMs = 60_000) =>
    IPNSEntry.encode(await createIPNSRecord(key, toCid(addressOf(Buffer.from(value))), sequence, lifetimeMs))
  return { routingKey, sign }
}

async function startNode(record: Uint8Array | null = null) {
  const host = await testHost()
  const read = vi.fn(async () => record)
  const names = new NameExchange({
    host,
    read,
    validate: (routingKey, bytes, options) => ipnsValidator(routingKey, bytes, keychain, options),
    maxSilenceMs: 200,
    logger: quietLogger,
  })
  onTestFinished(() => names.stop())
  await names.start()
  return { host, names, read }
}

/** A peer that answers every question in its own way. */
async function startLiar(answer: (stream: Stream) => Promise<void>) {
  const host = await testHost()
  await host.handle(NAME_PROTOCOL, (stream) => void answer(stream).catch(() => undefined))
  return { host }
}

const sending = (record: Uint8Array) => async (stream: Stream) => {
  const frames = lpStream(stream)
  await frames.read()
  await frames.write(record)
}

async function askerOf(...peers: Awaited<ReturnType<typeof startLiar>>[]) {
  const asker = await startNode()
  for (const { host } of peers) await asker.host.dial(host.getMultiaddrs())
  return asker
}

describe('asking connected peers for the record of a name', () => {
  it('takes the newest of those they have', async () => {
    const { routingKey, sign } = await newName()
    const newest = await sign('newest', 7)
    const holders = [await startNode(await sign('older', 3)), await startNode(newest), await startNode()]
    const asker = await askerOf(...holders)
    expect(Buffer.from(await asker.names.get(routingKey))).toEqual(Buffer.from(newest))
    expect(holders.map(({ read }) => read.mock.calls.length)).toEqual([1, 1, 1])
  })

  it('believes no record that is forged, of another name, out of date, too long or none at all', async () => {
    const { routingKey, sign } = await newName()
    const forged = (await sign('forged', 9)).slice()
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1
    const bad = [
      forged,
      await (await newName()).sign('elsewhere', 9),
      await sign('past', 9, -1_000),
      new Uint8Array(MAX_RECORD_BYTES + 1),
      Uint8Array.of(1, 2, 3),
    ]
    for (const record of bad) {
      const asker = await askerOf(await startLiar(sending(record)))
      const asked = vi.spyOn(asker.host, 'dialProtocol')
      await expect(asker.names.get(routingKey)).rejects.toMatchObject({ name: 'NotFoundError' })
      // Whoever hands out such a thing is left alone for a while.
      await expect(asker.names.get(routingKey)).rejects.toMatchObject({ name: 'NotFoundError' })
      expect(asked).toHaveBeenCalledTimes(1)
    }
  })

  it('is not kept from an answer by a peer that is silent', async () => {
    const { routingKey, sign } = await newName()
    const record = await sign('here', 1)
    const asker = await askerOf(await startLiar(() => new Promise(() => undefined)), await startNode(record))
    expect(Buffer.from(await asker.names.get(routingKey))).toEqual(Buffer.from(record))
  })

  it('finds nothing where nobody is connected, or nobody has it', async () => {
    const { routingKey } = await newName()
    await expect((await askerOf()).names.get(routingKey)).rejects.toMatchObject({ name: 'NotFoundError' })
    const asker = await askerOf(await startNode())
    await expect(asker.names.get(routingKey)).rejects.toMatchObject({ name: 'NotFoundError' })
  })

  it('reads no question that is longer than a key', async () => {
    const holder = await startNode()
    const asker = await askerOf(holder)
    const stream = await asker.host.dialProtocol(holder.host.peerId, NAME_PROTOCOL)
    const frames = lpStream(stream)
    await frames.write(new Uint8Array(MAX_NAME_KEY_BYTES + 1))
    await expect(frames.read()).rejects.toThrow()
    expect(holder.read).not.toHaveBeenCalled()
  })
})
