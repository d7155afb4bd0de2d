import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connectToNode } from '../../electron/api/client.ts'
import { findRunningNode } from '../../electron/host/running-nodes.ts'
import type { ReadyLine } from '../../shared/node-status.ts'
import { type PortalProcess, startPortal } from './portal-process.ts'

/**
 * Starts a portal that has no network of its own: it joins the one of another, as any node joins a network that exists.
 * @param dataDir does not exist yet
 */
export async function startJoiningPortal(
  { network }: Pick<ReadyLine, 'network'>,
  dataDir: string,
  stateHome: string,
): Promise<PortalProcess> {
  const { rpcUrl, chainId, contracts, entryPoints } = network
  const custom = { chainId, rpcUrls: [rpcUrl], contracts, entryPoints }
  await mkdir(dataDir)
  const choice = { version: 1, environment: 'custom', custom }
  await writeFile(join(dataDir, 'environment.json'), JSON.stringify(choice))
  return startPortal(dataDir, stateHome)
}

/** The API of a portal, as its commands reach it. */
export async function apiOfPortal({ dataDir }: Pick<ReadyLine, 'dataDir'>, stateHome: string) {
  const running = await findRunningNode(join(stateHome, 'tidemark-running'), dataDir)
  return connectToNode(running.url, running.bearer)
}
