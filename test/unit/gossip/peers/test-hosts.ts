import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Wallet } from 'ethers'
import {
  createGossipHost,
  type GossipHost,
  type GossipHostOptions,
} from '../../../../electron/node/gossip/peers/host.ts'
import type { StreamrIdentity } from '../../../../electron/node/gossip/peers/vouch.ts'
import type { Logger } from '../../../../electron/node/ports.ts'

export const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
}

export function randomIdentity(): StreamrIdentity {
  const wallet = Wallet.createRandom()
  return { address: wallet.address, signMessage: (text) => wallet.signMessage(text) }
}

/** Hosts on loopback, each with a folder of its own; `stop` ends them and removes the folders. */
export class TestHosts {
  readonly #hosts: GossipHost[] = []
  readonly #folders: string[] = []

  async folder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'tidemark-gossip-'))
    this.#folders.push(folder)
    return folder
  }

  async start(options: Partial<GossipHostOptions> = {}): Promise<GossipHost> {
    const host = await createGossipHost({
      dataDir: options.dataDir ?? (await this.folder()),
      identity: randomIdentity(),
      listen: ['/ip4/127.0.0.1/tcp/0'],
      isLocalDiscoveryOn: false,
      maxConnectionsPerHost: 1_000,
      maxInboundPerSecond: 1_000,
      clock: Date,
      logger: silent,
      ...options,
    })
    this.#hosts.push(host)
    return host
  }

  async stop(): Promise<void> {
    await Promise.all(this.#hosts.splice(0).map((host) => host.stop()))
    await Promise.all(this.#folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })))
  }
}

export function addressOf(host: GossipHost): string {
  const [address] = host.multiaddrs()
  if (address === undefined) throw new Error('the host does not listen')
  return address
}

/** Waits until `check` holds; the test's own timeout ends it otherwise. */
export async function eventually(check: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await check())) await new Promise((resolve) => setTimeout(resolve, 10))
}

export const knows = (host: GossipHost, other: GossipHost): boolean =>
  host.vouched().some(({ peerId, address }) => peerId === other.peerId && address === other.address)

/** Connects two hosts and waits until they have vouched for each other. */
export async function connect(one: GossipHost, other: GossipHost): Promise<void> {
  await one.dial(addressOf(other))
  await eventually(() => knows(one, other) && knows(other, one))
}
