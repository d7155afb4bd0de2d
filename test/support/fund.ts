import { JsonRpcProvider, parseEther, Wallet } from 'ethers'
import type { NetworkDescription } from '../../shared/node-status.ts'

/** Gives an account gas from the network's funded one. */
export async function fund(network: NetworkDescription, address: string): Promise<void> {
  const provider = new JsonRpcProvider(network.rpcUrl, network.chainId, { staticNetwork: true })
  provider.pollingInterval = 100
  const wallet = new Wallet(network.fundedPrivateKey ?? '', provider)
  await (await wallet.sendTransaction({ to: address, value: parseEther('10') })).wait()
  provider.destroy()
}
