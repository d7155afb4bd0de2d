import { existsSync, globSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, matchesGlob } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Configuration } from 'electron-builder'
import { beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** electron-builder's own reader and checker of its configuration: what passes here is what it will take. */
interface ConfigTools {
  getConfig(projectDir: string, path: string, options: null): Promise<Configuration>
  validateConfiguration(
    configuration: Configuration,
    logger: { add(key: string, value: unknown): void },
  ): Promise<void>
}

let config: Configuration
beforeAll(async () => {
  const require = createRequire(createRequire(import.meta.url).resolve('electron-builder'))
  const tools = require('app-builder-lib/out/util/config/config.js') as ConfigTools
  config = await tools.getConfig(root, 'electron-builder.yml', null)
  await tools.validateConfiguration(config, { add: () => undefined })
})

/** The reader turns the list of the file into one set with a filter. */
function patterns(): string[] {
  const [set] = config.files as { filter: string[] }[]
  if (set === undefined) throw new Error('no files')
  return set.filter
}

describe('the packages', () => {
  it('have Electron’s switches set so that the binary runs this app and nothing else', () => {
    expect(config.electronFuses).toEqual({
      runAsNode: false,
      enableCookieEncryption: true,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      loadBrowserProcessSpecificV8Snapshot: false,
      grantFileProtocolExtraPrivileges: false,
    })
    expect(config.asar).toBe(true)
  })

  it('are made for Linux, macOS and Windows, and register links of their own scheme alone', () => {
    expect(config.linux?.target).toEqual(['AppImage', 'deb'])
    expect(config.mac?.target).toEqual(['dmg'])
    expect(config.win?.target).toEqual(['nsis'])
    expect(config.protocols).toEqual([{ name: 'Tidemark link', role: 'Viewer', schemes: ['tidemark'] }])
  })

  it('run hardened on macOS with no more rights than V8 needs', () => {
    expect(config.mac).toMatchObject({ hardenedRuntime: true })
    const entitlements = readFileSync(join(root, String(config.mac?.entitlements)), 'utf8')
    expect(entitlements.match(/<key>(.*)<\/key>/g)).toEqual(['<key>com.apple.security.cs.allow-jit</key>'])
  })

  it('hold what was built and no sources, and leave the user’s data alone when removed', () => {
    const files = patterns()
    const taken = files.filter((pattern) => !pattern.startsWith('!'))
    expect(taken).toEqual([
      'dist/electron/**',
      'dist/shared/**',
      'dist/renderer/**',
      'dist/licences.json',
      'resources/icons/**',
      'package.json',
    ])
    expect(config.nsis?.deleteAppDataOnUninstall).toBe(false)
  })

  it('leave out no module that the app’s own side imports', () => {
    const left = patterns().flatMap((pattern) => /^!node_modules\/([^*]+)\/\*\*$/.exec(pattern)?.[1] ?? [])
    expect(left.length).toBeGreaterThan(3)
    const sources = globSync(['electron/**/*.ts', 'shared/**/*.ts'], { cwd: root })
    for (const source of sources) {
      const text = readFileSync(join(root, source), 'utf8')
      for (const name of left) expect(text.includes(`from '${name}`), `${source} imports ${name}`).toBe(false)
    }
  })

  it('keep native modules and the chain’s program outside of the archive', () => {
    const patterns = config.asarUnpack as string[]
    const natives = globSync(
      ['better-sqlite3', 'secp256k1', 'keccak'].map((name) => `node_modules/${name}/**/*.node`),
      { cwd: root },
    )
    const programs = globSync('node_modules/@foundry-rs/anvil-*/bin/*', { cwd: root })
    expect(natives.length).toBeGreaterThan(0)
    expect(programs.length).toBeGreaterThan(0)
    for (const path of [...natives, ...programs]) {
      expect(
        patterns.some((pattern) => matchesGlob(path, pattern)),
        path,
      ).toBe(true)
    }
  })

  it('have icons of the sizes each system asks for', () => {
    for (const size of [16, 24, 32, 48, 64, 128, 256, 512]) {
      const png = readFileSync(join(root, 'resources/icons', `${size}x${size}.png`))
      expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([size, size])
    }
    const ico = readFileSync(join(root, String(config.win?.icon)))
    expect(ico.readUInt16LE(4)).toBeGreaterThanOrEqual(6)
    for (const name of ['icon.png', 'tray.png', 'tray@2x.png', 'trayTemplate.png', 'trayTemplate@2x.png']) {
      expect(existsSync(join(root, 'resources/icons', name)), name).toBe(true)
    }
  })

  it('say which parts are shipped under which licences, Streamr’s and Mozilla’s among them', async () => {
    expect(config.beforePack).toBe('./scripts/licences.mjs')
    const { collectLicences } = (await import(join(root, String(config.beforePack)))) as {
      collectLicences(): {
        parts: { name: string; licence: string; source: string | null; text: number | null }[]
        texts: string[]
      }
    }
    const { parts, texts } = collectLicences()
    const licence = (name: string) => parts.find((part) => part.name === name)?.licence
    expect(licence('@streamr/sdk')).toBe('Apache-2.0')
    for (const name of ['@streamr/dht', '@streamr/trackerless-network', '@streamr/network-contracts']) {
      expect(licence(name)).toMatch(/^streamr network open source license$/i)
    }
    expect(licence('node-datachannel')).toMatch(/^MPL.2\.0$/)
    expect(parts.find(({ name }) => name === 'node-datachannel')?.source).toMatch(/^\S+:\/\//)
    expect(parts.filter((part) => part.licence === 'unknown')).toEqual([])
    expect(licence('vitest')).toBeUndefined()
    expect(parts.every(({ text }) => text === null || texts[text] !== undefined)).toBe(true)
  })

  it('start from the file the package names', () => {
    const { main } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { main: string }
    expect(main).toBe('dist/electron/main.js')
    expect(existsSync(join(root, 'electron/main.ts'))).toBe(true)
  })
})
