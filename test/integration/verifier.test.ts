import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startLocalChain } from '../../electron/node/local-network/local-chain.ts'
import { encodeStreamMessage } from '../../electron/node/message/encode.ts'
import { SIGNATURE_TYPE } from '../../electron/node/message/stream-message.ts'
import { createContractSignatureChecker } from '../../electron/node/provenance/contract-signature.ts'
import { createVerifierPool, type VerifierPool } from '../../electron/node/provenance/verifier-pool.ts'
import { MemoryAppends, SettablePermissions, silentLogger } from '../unit/provenance/fakes.ts'
import { createSigner, type Signer, signedMessage } from '../unit/provenance/signers.ts'

/** Contract signatures (ERC-1271) decided by contracts on a real chain. */
const clock = { now: () => Date.now() }
const WALLET = `0x${'a1'.repeat(20)}`
const owner = createSigner(SIGNATURE_TYPE.erc1271)
const stranger = createSigner(SIGNATURE_TYPE.erc1271)

/**
 * A wallet as byte code: `isValidSignature(hash, signature)` recovers the signer with the chain's own `ecrecover`
 * and returns 0x1626ba7e when it is the owner, 0 otherwise.
 */
function walletCode(ownerAddress: string): string {
  const hashToMemory = '602060046000 37'
  const vToMemory = '60a435 60f81c 602052'
  const rAndSToMemory = '604060646040 37'
  const recover = '6020 6080 6080 6000 6001 5a fa 50'
  const compare = `608051 73${ownerAddress.slice(2)} 14`
  const returnMagic = `7f1626ba7e${'00'.repeat(28)} 02 600052 60206000f3`
  return `0x${[hashToMemory, vToMemory, rAndSToMemory, recover, compare, returnMagic].join('').replaceAll(' ', '')}`
}

let folder: string
let chain: Awaited<ReturnType<typeof startLocalChain>>
let store: MemoryAppends
let pool: VerifierPool

async function rpc(method: string, ...params: unknown[]): Promise<void> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  const response = await fetch(chain.rpcUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  expect(await response.json()).not.toHaveProperty('error')
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-verifier-'))
  chain = await startLocalChain({
    dataDir: folder,
    logger: silentLogger,
    clock,
    previous: undefined,
    onRecord: async () => undefined,
  })
  await rpc('anvil_setCode', WALLET, walletCode(owner.publisher))
  store = new MemoryAppends()
  pool = createVerifierPool({
    store,
    permissions: new SettablePermissions(),
    contractSignatures: createContractSignatureChecker({ rpcUrls: [chain.rpcUrl], clock }),
    logger: silentLogger,
    workers: 1,
  })
  await pool.start()
})

afterAll(async () => {
  await pool.stop()
  await chain.stop()
  await rm(folder, { recursive: true, force: true })
})

let timestamp = 1_700_000_000_000

/** What becomes of a message that names the contract as publisher and bears the signer's signature. */
async function verdictOn(signer: Signer, contract = WALLET): Promise<string> {
  timestamp += 1
  const message = await signedMessage({ ...signer, publisher: contract }, { timestamp })
  await pool.ingestAll([{ bytes: encodeStreamMessage(message), source: 'live', receivedAt: timestamp }])
  const stored = [...store.messages.values()].find(({ id }) => id.timestamp === timestamp)
  return `${stored?.verdict} ${stored?.reason}`
}

describe('a message signed for a contract', () => {
  it('is verified when its owner signed, as the contract on the chain says', async () => {
    expect(await verdictOn(owner)).toBe('verified signed-and-permitted')
  })

  it('is forged when somebody else signed', async () => {
    expect(await verdictOn(stranger)).toBe('forged contract-refused-signature')
  })

  it('is forged when there is no contract at the address', async () => {
    expect(await verdictOn(owner, `0x${'b2'.repeat(20)}`)).toBe('forged contract-refused-signature')
  })

  it('is pending while the chain cannot be reached, except for signers whose answer is known', async () => {
    await chain.stop()
    expect(await verdictOn(owner)).toBe('verified signed-and-permitted')
    expect(await verdictOn(createSigner(SIGNATURE_TYPE.erc1271))).toBe('pending rpc-unavailable')
  })
})
