import { describe, expect, test } from 'vitest'
import { clientConfig, type StreamrNetwork } from '../../../electron/node/streamr/client-config.ts'

const KEY = `0x${'11'.repeat(32)}`
const NETWORK: StreamrNetwork = {
  rpcUrl: 'http://127.0.0.1:1',
  rpcUrls: ['http://127.0.0.1:2'],
  chainId: 31_337,
  theGraphUrl: 'http://127.0.0.1:3/graphql',
  contracts: { streamRegistry: '0xa', streamStorageRegistry: '0xb', storageNodeRegistry: '0xc' },
  entryPoints: [{ nodeId: 'ee', websocket: { host: '127.0.0.1', port: 4, tls: false } }],
}

describe('the configuration of the Streamr client', () => {
  test('on this machine nothing is looked up on the web', () => {
    const config = clientConfig('local', NETWORK, KEY, { nodeId: 'aa', port: 5 })
    expect(config.network?.controlLayer).toMatchObject({
      entryPointDiscovery: { enabled: false },
      peerDescriptor: { nodeId: 'aa', websocket: { host: '127.0.0.1', port: 5, tls: false } },
      websocketPortRange: { min: 5, max: 5 },
      websocketServerEnableTls: false,
      iceServers: [],
    })
    expect(config).toMatchObject({ metrics: false, logLevel: 'silent' })
  })

  test('all RPC endpoints are given, the preferred first', () => {
    const { contracts } = clientConfig('custom', NETWORK, KEY, undefined)
    expect(contracts).toMatchObject({
      rpcs: [{ url: 'http://127.0.0.1:1' }, { url: 'http://127.0.0.1:2' }],
      rpcQuorum: 1,
      streamRegistryChainAddress: '0xa',
      theGraphUrl: NETWORK.theGraphUrl,
    })
  })

  test.each([
    ['polygon', 'polygon'],
    ['amoy', 'polygonAmoy'],
    ['peaq', 'peaq'],
    ['iotex', 'iotex'],
  ])('%s is the SDK’s own environment', (environment, sdkName) => {
    const config = clientConfig(environment, undefined, KEY, undefined)
    expect(config).toMatchObject({ environment: sdkName })
    expect(config.contracts).toBeUndefined()
    expect(config.network).toBeUndefined()
  })

  test('an environment nobody knows needs a description', () => {
    expect(() => clientConfig('elsewhere', undefined, KEY, undefined)).toThrow(TypeError)
  })
})
