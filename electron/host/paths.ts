import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

function applicationData(): string {
  if (process.platform === 'win32') return process.env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local')
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support')
  return process.env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share')
}

/** Where a node keeps its data unless told otherwise, after each system's custom. */
export function defaultDataDir(): string {
  return join(applicationData(), 'tidemark')
}

/** Where running nodes of this user leave word of themselves for the command line. */
export function runningNodesDir(): string {
  return join(applicationData(), 'tidemark-running')
}

export function dataDirOf(option: string | undefined): string {
  return option === undefined ? defaultDataDir() : resolve(option)
}
