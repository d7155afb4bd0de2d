import { parentPort, workerData } from 'node:worker_threads'
import { StreamrClient } from '@streamr/sdk'
import type { EntryPointDescriptor } from './entry-point.ts'

const descriptor = workerData as EntryPointDescriptor
const { port } = descriptor.websocket

const client = new StreamrClient({
  logLevel: 'silent',
  metrics: false,
  network: {
    controlLayer: {
      entryPoints: [descriptor],
      // Naming itself keeps the node from looking its place up on the web.
      peerDescriptor: descriptor,
      entryPointDiscovery: { enabled: false },
      websocketPortRange: { min: port, max: port },
      websocketHost: '127.0.0.1',
      websocketServerEnableTls: false,
      webrtcAllowPrivateAddresses: true,
      iceServers: [],
    },
  },
})

parentPort?.once('message', () => {
  void client.destroy().finally(() => parentPort?.postMessage('stopped'))
})
await client.connect()
parentPort?.postMessage('ready')
