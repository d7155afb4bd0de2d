import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { TidemarkError } from '../../shared/errors.ts'

const OLDEST_RUNTIME: readonly [major: number, minor: number] = [22, 12]

/** The project folder, from the sources as well as from dist/. */
export const projectRoot = fileURLToPath(
  import.meta.url.endsWith('.ts')
    ? new URL('../../', import.meta.url)
    : new URL('../../../', import.meta.url),
)

interface PackageFile {
  version: string
  license: string
}

function packageFile(): PackageFile {
  return JSON.parse(readFileSync(`${projectRoot}package.json`, 'utf8')) as PackageFile
}

/** Tidemark's own version, from its package file. */
export function productVersion(): string {
  return packageFile().version
}

/** Tidemark's own licence, from its package file. */
export function productLicence(): string {
  return packageFile().license
}

/**
 * better-sqlite3 opens a database with a crash on older runtimes, so they are refused in words.
 * @throws TidemarkError `node-too-old`
 */
export function assertRuntimeIsCurrent(version: string = process.versions.node): void {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > OLDEST_RUNTIME[0] || (major === OLDEST_RUNTIME[0] && minor >= OLDEST_RUNTIME[1])) return
  throw new TidemarkError(
    'node-too-old',
    `Tidemark needs Node ${OLDEST_RUNTIME.join('.')} or newer; this is ${version}.`,
    'Start it with "npm start", which brings the right one.',
  )
}
