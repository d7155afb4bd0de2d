import { Contract, HDNodeWallet, JsonRpcProvider } from 'ethers'
import type { NetworkDescription } from '../../../shared/node-status.ts'

const DEPLOYER_PHRASE = 'test test test test test test test test test test test junk'
const REGISTRY = [
  'function TRUSTED_ROLE() view returns (bytes32)',
  'function grantRole(bytes32 role, address account)',
  'function setEnsCache(address ensCache)',
]
/** Copies the 29 bytes after itself: a contract that answers every question with one address. */
const CONSTRUCTOR = '601d600c600039601d6000f3'

/**
 * Gives all ENS names to one account, as far as the registry of a local chain can tell. On Polygon an oracle brings
 * the owners of names over from Ethereum into a contract the registry asks; here a stand-in for that contract answers
 * with the same owner always. The registry and what it does with the answer are the real ones.
 */
export async function giveEnsNames(
  { rpcUrl, chainId, contracts }: Pick<NetworkDescription, 'rpcUrl' | 'chainId' | 'contracts'>,
  owner: string,
): Promise<void> {
  const provider = new JsonRpcProvider(rpcUrl, chainId, { staticNetwork: true, cacheTimeout: -1 })
  try {
    const deployer = HDNodeWallet.fromPhrase(DEPLOYER_PHRASE, undefined, "m/44'/60'/0'/0/0").connect(provider)
    const answerOwner = `73${owner.slice(2)}60005260206000f3`
    const deployment = await deployer.sendTransaction({ data: `0x${CONSTRUCTOR}${answerOwner}` })
    const cache = (await deployment.wait())?.contractAddress
    const registry = new Contract(contracts.streamRegistry, REGISTRY, deployer)
    const role = await registry.getFunction('TRUSTED_ROLE')()
    await (await registry.getFunction('grantRole')(role, deployer.address)).wait()
    await (await registry.getFunction('setEnsCache')(cache)).wait()
  } finally {
    provider.destroy()
  }
}
