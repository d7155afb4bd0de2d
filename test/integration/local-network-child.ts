import { startLocalNetwork } from '../../electron/node/local-network/local-network.ts'
import { NODE_ADDRESS, silentLogger } from './local-network-fixtures.ts'

/** A process that runs a local network until it is killed. Its first line says how to reach it. */
const [dataDir] = process.argv.slice(2)
if (dataDir === undefined) throw new Error('A folder is needed')
const network = await startLocalNetwork({ dataDir, identityAddress: NODE_ADDRESS, logger: silentLogger })
const { rpcUrl, chainId, contracts, fundedPrivateKey } = network
process.stdout.write(`${JSON.stringify({ rpcUrl, chainId, contracts, fundedPrivateKey })}\n`)
