import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { describe, expect, it } from 'vitest'
import { PeerFault } from '../../../../electron/node/gossip/peer-fault.ts'
import { checkVouch, makeVouch } from '../../../../electron/node/gossip/peers/vouch.ts'
import { randomIdentity } from './test-hosts.ts'

async function faultOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return error instanceof PeerFault ? error.code : `no fault: ${String(error)}`
}

describe('a node’s statement that its keys belong together', () => {
  it('names the Streamr address whose key signed it', async () => {
    const key = await generateKeyPair('Ed25519')
    const identity = randomIdentity()
    const peerId = peerIdFromPrivateKey(key)
    const peer = await checkVouch(await makeVouch(key, identity), peerId)
    expect(peer).toEqual({ peerId: peerId.toString(), address: identity.address.toLowerCase() })
  })

  it('is worth nothing from another peer', async () => {
    const vouch = await makeVouch(await generateKeyPair('Ed25519'), randomIdentity())
    const other = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    expect(await faultOf(checkVouch(vouch, other))).toBe('vouch-invalid')
  })

  it('cannot name an address that did not sign', async () => {
    const key = await generateKeyPair('Ed25519')
    const claimed = randomIdentity().address
    const vouch = await makeVouch(key, { ...randomIdentity(), address: claimed })
    expect(await faultOf(checkVouch(vouch, peerIdFromPrivateKey(key)))).toBe('vouch-invalid')
  })

  it('is refused with any bit of any byte turned', async () => {
    const key = await generateKeyPair('Ed25519')
    const identity = randomIdentity()
    const peerId = peerIdFromPrivateKey(key)
    const vouch = await makeVouch(key, identity)
    for (const at of vouch.keys()) {
      const changed = Uint8Array.from(vouch)
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8))
      const checked = await checkVouch(changed, peerId).catch((error: unknown) => error)
      // The last byte of an Ethereum signature may be written as 0 or 27: the same signature by the same key.
      if (checked instanceof PeerFault)
        expect(['vouch-invalid', 'malformed', 'too-large']).toContain(checked.code)
      else expect(checked).toEqual({ peerId: peerId.toString(), address: identity.address.toLowerCase() })
    }
  })
})
