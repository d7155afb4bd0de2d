import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { SIGNATURE_TYPE } from '../../../electron/node/message/stream-message.ts'
import { createContractSignatureChecker } from '../../../electron/node/provenance/contract-signature.ts'
import { ethereumMessageHash } from '../../../electron/node/provenance/keccak256.ts'
import { createSigner } from './signers.ts'

const servers: Server[] = []

/** A JSON-RPC endpoint on loopback that gives one answer, or hangs up. */
async function endpoint(answer: () => unknown | Promise<unknown>) {
  const calls: { method: string; params: [{ to: string; data: string }, string] }[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    calls.push(JSON.parse(Buffer.concat(chunks).toString()))
    const body = await answer()
    if (body === undefined) response.destroy()
    else
      response.end(
        typeof body === 'string' ? body : JSON.stringify({ jsonrpc: '2.0', id: 1, ...(body as object) }),
      )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  servers.push(server)
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls }
}

afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

const CONTRACT = `0x${'ab'.repeat(20)}`
const word = (hex: string) => `0x${hex.padEnd(64, '0')}`
const payload = Buffer.from('payload')
const hash = ethereumMessageHash(payload)
const signature = await createSigner(SIGNATURE_TYPE.secp256k1Evm).sign(payload)

let now = 0
const checker = (...rpcUrls: string[]) =>
  createContractSignatureChecker({ rpcUrls, clock: { now: () => now } })

describe('a contract’s signature', () => {
  it.each([
    ['accepted', 'the magic value', { result: word('1626ba7e') }],
    ['refused', 'another value', { result: word('ffffffff') }],
    ['refused', 'nothing, as an address without a contract does', { result: '0x' }],
    ['refused', 'the magic value cut short', { result: '0x1626ba7e' }],
    ['refused', 'a revert', { error: { code: 3, message: 'execution reverted' } }],
    ['unavailable', 'an error of the endpoint', { error: { code: -32_005, message: 'limit exceeded' } }],
    ['unavailable', 'what is no JSON', 'oops'],
    ['unavailable', 'an endless answer', `{"result":"0x${'00'.repeat(100_000)}"}`],
    ['unavailable', 'a broken connection', undefined],
  ])('is %s when the call returns %s', async (expected, _, body) => {
    const { url } = await endpoint(() => body)
    expect(await checker(url).check(CONTRACT, hash, signature)).toBe(expected)
  })

  it('asks the contract for this hash and signature at the latest block', async () => {
    const { url, calls } = await endpoint(() => ({ result: word('1626ba7e') }))
    await checker(url).check(CONTRACT, hash, signature)
    expect(calls).toMatchObject([{ method: 'eth_call', params: [{ to: CONTRACT }, 'latest'] }])
    const data = calls[0]?.params[0].data ?? ''
    expect(data.startsWith('0x1626ba7e')).toBe(true)
    expect(data).toContain(Buffer.from(hash).toString('hex'))
    expect(data).toContain(Buffer.from(signature).toString('hex'))
  })

  it('is asked at the next endpoint when one does not answer, and is unavailable without any', async () => {
    const broken = await endpoint(() => undefined)
    const good = await endpoint(() => ({ result: word('1626ba7e') }))
    expect(await checker(broken.url, good.url).check(CONTRACT, hash, signature)).toBe('accepted')
    expect(await checker().check(CONTRACT, hash, signature)).toBe('unavailable')
  })

  it('is not asked again for the same signer within ten minutes, and is after', async () => {
    const { url, calls } = await endpoint(() => ({ result: word('1626ba7e') }))
    const one = checker(url)
    now = 0
    await one.check(CONTRACT, hash, signature)
    await one.check(CONTRACT, hash, signature)
    expect(calls.length).toBe(1)
    now = 600_000
    await one.check(CONTRACT, hash, signature)
    expect(calls.length).toBe(2)
  })

  it('that nobody could be asked about is asked about again', async () => {
    let isUp = false
    const { url } = await endpoint(() => (isUp ? { result: word('1626ba7e') } : undefined))
    const one = checker(url)
    expect(await one.check(CONTRACT, hash, signature)).toBe('unavailable')
    isUp = true
    expect(await one.check(CONTRACT, hash, signature)).toBe('accepted')
  })

  it('is asked about with few calls at a time, however many wait', async () => {
    let open = 0
    let most = 0
    const { url } = await endpoint(async () => {
      open += 1
      most = Math.max(most, open)
      await delay(20)
      open -= 1
      return { result: word('1626ba7e') }
    })
    const one = checker(url)
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        one.check(`0x${n.toString(16).padStart(40, '0')}`, hash, signature),
      ),
    )
    expect(answers.every((answer) => answer === 'accepted')).toBe(true)
    expect(most).toBe(8)
  })
})
