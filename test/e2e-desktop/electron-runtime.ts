import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = new URL('../../node_modules/electron/', import.meta.url)

/**
 * Path of Electron's runtime, or `null` where it has not been fetched. The package's own entry would try to
 * download it when asked.
 */
export function electronRuntime(): string | null {
  const pathFile = new URL('path.txt', folder)
  if (!existsSync(pathFile)) return null
  const binary = fileURLToPath(new URL(`dist/${readFileSync(pathFile, 'utf8').trim()}`, folder))
  return existsSync(binary) ? binary : null
}

export const canOpenWindows =
  process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)
