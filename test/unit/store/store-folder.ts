import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Logger } from '../../../electron/node/ports.ts'

/** A folder of its own under the temporary folder, removed by `remove`. */
export function temporaryFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'tidemark-store-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** A logger that keeps what it was told. */
export function recordingLogger(): Logger & { lines: { level: string; message: string }[] } {
  const lines: { level: string; message: string }[] = []
  const at = (level: string) => (_: object, message: string) => {
    lines.push({ level, message })
  }
  const logger = { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
  return { ...logger, child: () => ({ ...logger, child: () => recordingLogger() }) }
}

/** Processes that this one has started and that have not ended. */
export function runningProcesses(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'ProcessWrap').length
}
