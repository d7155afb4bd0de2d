import { createRequire } from 'node:module'
import { setTimeout as delay } from 'node:timers/promises'
import { getCreateAddress, HDNodeWallet, Interface, type InterfaceAbi, ZeroAddress } from 'ethers'
import { TidemarkError } from '../../../shared/errors.ts'
import { callChain } from './json-rpc.ts'
import type { RegistryContracts } from './network-record.ts'

/** The development accounts every such chain has. Their keys are public: they hold gas of this machine only. */
const MNEMONIC = 'test test test test test test test test test test test junk'
const ACCOUNT_PATH = "m/44'/60'/0'/0"
const ACCOUNTS = { deployer: 0, forGuests: 1, forThisNode: 2 } as const

/** More than any of the three needs; what is not used is not paid. */
const DEPLOYMENT_GAS_LIMIT = 12_000_000
const MAX_FEE_PER_GAS_WEI = 10_000_000_000n
/** The identity of this node is given gas when it has less than this: 100 of the chain's coins. */
const LOW_BALANCE_WEI = 100n * 10n ** 18n
const GIFT_WEI = 1_000n * 10n ** 18n

const RECEIPT_TIMEOUT_MS = 10_000
const RECEIPT_POLL_MS = 5

interface Artifact {
  abi: InterfaceAbi
  bytecode: string
}

function loadArtifact(path: string): Artifact {
  const require = createRequire(import.meta.url)
  return require(`@streamr/network-contracts-artifacts/dist/artifacts/contracts/${path}.json`) as Artifact
}

function account(index: number): HDNodeWallet {
  return HDNodeWallet.fromPhrase(MNEMONIC, undefined, `${ACCOUNT_PATH}/${index}`)
}

/** Private key of an account with gas, for whoever wants to join the local network. */
export function fundedPrivateKey(): string {
  return account(ACCOUNTS.forGuests).privateKey
}

interface Call {
  to?: string
  data?: string
  value?: bigint
}

/** Signs the calls with following nonces, sends them in order, and waits for nothing in between. */
async function sendAll(rpcUrl: string, sender: HDNodeWallet, chainId: number, calls: Call[]): Promise<void> {
  const first = Number(await callChain(rpcUrl, 'eth_getTransactionCount', [sender.address, 'latest']))
  const hashes: unknown[] = []
  for (const [index, call] of calls.entries()) {
    const signed = await sender.signTransaction({
      ...call,
      type: 2,
      chainId,
      nonce: first + index,
      gasLimit: DEPLOYMENT_GAS_LIMIT,
      maxFeePerGas: MAX_FEE_PER_GAS_WEI,
      maxPriorityFeePerGas: 1n,
    })
    hashes.push(await callChain(rpcUrl, 'eth_sendRawTransaction', [signed]))
  }
  for (const hash of hashes) {
    const receipt = await receiptOf(rpcUrl, hash)
    if (receipt?.status !== '0x1') {
      throw new TidemarkError(
        'chain-unavailable',
        'The contracts of the local network could not be set up on its chain.',
        'Move the local network’s folder away and start again: a new one is made.',
      )
    }
  }
}

/** The chain mines at once, which is not always before it has answered. */
async function receiptOf(rpcUrl: string, hash: unknown): Promise<{ status?: string } | null> {
  const deadline = Date.now() + RECEIPT_TIMEOUT_MS
  for (;;) {
    const receipt = (await callChain(rpcUrl, 'eth_getTransactionReceipt', [hash])) as {
      status?: string
    } | null
    if (receipt !== null || Date.now() > deadline) return receipt
    await delay(RECEIPT_POLL_MS)
  }
}

/** Whether all the contracts are on this chain. */
export async function areDeployed(rpcUrl: string, contracts: RegistryContracts): Promise<boolean> {
  const codes = await Promise.all(
    Object.values(contracts).map((address) => callChain(rpcUrl, 'eth_getCode', [address, 'latest'])),
  )
  return codes.every((code) => typeof code === 'string' && code.length > 2)
}

/** Puts Streamr's registry contracts on the chain and says where they are. Takes about 0.1 s. */
export async function deployRegistries(rpcUrl: string, chainId: number): Promise<RegistryContracts> {
  const deployer = account(ACCOUNTS.deployer)
  const nodes = loadArtifact('NodeRegistry/NodeRegistry.sol/NodeRegistry')
  const streams = loadArtifact('StreamRegistry/StreamRegistryV5.sol/StreamRegistryV5')
  const storage = loadArtifact('StreamStorageRegistry/StreamStorageRegistryV2.sol/StreamStorageRegistryV2')
  const first = Number(await callChain(rpcUrl, 'eth_getTransactionCount', [deployer.address, 'latest']))
  const addressOf = (offset: number) =>
    getCreateAddress({ from: deployer.address, nonce: first + offset }).toLowerCase()
  const contracts = {
    storageNodeRegistry: addressOf(0),
    streamRegistry: addressOf(1),
    streamStorageRegistry: addressOf(2),
  }
  const initialize = (artifact: Artifact, values: readonly unknown[]) =>
    new Interface(artifact.abi).encodeFunctionData('initialize', values)
  await sendAll(rpcUrl, deployer, chainId, [
    { data: nodes.bytecode },
    { data: streams.bytecode },
    { data: storage.bytecode },
    {
      to: contracts.storageNodeRegistry,
      data: initialize(nodes, [deployer.address, false, [], []]),
    },
    { to: contracts.streamRegistry, data: initialize(streams, [ZeroAddress, ZeroAddress]) },
    {
      to: contracts.streamStorageRegistry,
      data: initialize(storage, [contracts.streamRegistry, contracts.storageNodeRegistry, ZeroAddress]),
    },
  ])
  return contracts
}

/** Sees that the node's own identity can pay for its transactions. */
export async function fundIdentity(rpcUrl: string, chainId: number, identityAddress: string): Promise<void> {
  const balance = await callChain(rpcUrl, 'eth_getBalance', [identityAddress, 'latest'])
  if (BigInt(balance as string) >= LOW_BALANCE_WEI) return
  const donor = account(ACCOUNTS.forThisNode)
  await sendAll(rpcUrl, donor, chainId, [{ to: identityAddress, value: GIFT_WEI }])
}
