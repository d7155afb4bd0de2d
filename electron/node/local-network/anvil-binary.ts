import { createRequire } from 'node:module'
import { join } from 'node:path'
import { TidemarkError } from '../../../shared/errors.ts'

const ARCHITECTURES: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', arm64: 'arm64' }

/**
 * Path of the chain's own executable. The wrapper in `node_modules/.bin` is passed by on purpose: it leaves the
 * real process behind, with its port, when it is killed.
 * @throws TidemarkError `chain-unavailable` where the package has no binary for this platform
 */
export function anvilBinary(
  platform: NodeJS.Platform = process.platform,
  architecture: NodeJS.Architecture = process.arch,
): string {
  const require = createRequire(import.meta.url)
  const name = `@foundry-rs/anvil-${platform}-${ARCHITECTURES[architecture] ?? architecture}`
  try {
    const manifest = require.resolve(`${name}/package.json`)
    // Executables cannot run from inside the archive of the packaged application.
    const folder = manifest.slice(0, -'package.json'.length).replace('app.asar', 'app.asar.unpacked')
    return join(folder, 'bin', platform === 'win32' ? 'anvil.exe' : 'anvil')
  } catch (cause) {
    throw new TidemarkError(
      'chain-unavailable',
      `The local network has no chain for ${platform} on ${architecture}.`,
      'Choose another environment in the settings, or install the dependencies again with optional ones included.',
      { cause },
    )
  }
}
