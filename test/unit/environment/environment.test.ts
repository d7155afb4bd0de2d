import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openEnvironment } from '../../../electron/node/environment.ts'
import {
  chosenFolder,
  ENVIRONMENT_FILE,
  environmentFolder,
  openEnvironmentChoice,
} from '../../../electron/node/environment-choice.ts'
import { createEnvironmentSwitch } from '../../../electron/node/environment-switch.ts'
import { environmentPreset } from '../../../electron/node/streamr/presets.ts'
import { type CustomNetwork, customNetworkInput, ENVIRONMENTS } from '../../../shared/environment.ts'
import { createQuietLogger } from '../telemetry/quiet-logger.ts'

const CUSTOM: CustomNetwork = {
  chainId: 31_337,
  rpcUrls: ['http://127.0.0.1:1'],
  contracts: {
    streamRegistry: `0x${'a'.repeat(40)}`,
    streamStorageRegistry: `0x${'b'.repeat(40)}`,
    storageNodeRegistry: `0x${'c'.repeat(40)}`,
  },
  entryPoints: [{ nodeId: 'd'.repeat(40), websocket: { host: '127.0.0.1', port: 1, tls: false } }],
  theGraphUrl: null,
  startBlock: 0,
}

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-environment-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const open = async (choice: Awaited<ReturnType<typeof openEnvironmentChoice>>['current']) =>
  openEnvironment({
    choice,
    folder,
    identityAddress: '0x',
    logger: createQuietLogger(),
    signal: new AbortController().signal,
    stack: new AsyncDisposableStack(),
  })

describe('the folders of environments', () => {
  it('leave the local network where its history always was', async () => {
    expect(await environmentFolder(folder, 'local', null)).toBe(folder)
  })

  it('are never shared, so that switching there and back finds everything again', async () => {
    const folders = await Promise.all(ENVIRONMENTS.map((name) => environmentFolder(folder, name, CUSTOM)))
    expect(new Set(folders).size).toBe(ENVIRONMENTS.length)
    for (const [index, name] of ENVIRONMENTS.entries()) {
      expect(await environmentFolder(folder, name, CUSTOM)).toBe(folders[index])
    }
  })

  it('are the same for a custom network reached another way, and others for other contracts', async () => {
    const first = await environmentFolder(folder, 'custom', CUSTOM)
    const elsewhere = { ...CUSTOM, rpcUrls: ['https://other.example'], entryPoints: [] }
    expect(await environmentFolder(folder, 'custom', elsewhere)).toBe(first)
    const other = { ...CUSTOM, contracts: { ...CUSTOM.contracts, streamRegistry: `0x${'e'.repeat(40)}` } }
    expect(await environmentFolder(folder, 'custom', other)).not.toBe(first)
    expect(await environmentFolder(folder, 'custom', { ...CUSTOM, chainId: 5 })).not.toBe(first)
  })

  it('are found by commands that run without a node', async () => {
    await openEnvironmentChoice(folder, 'peaq')
    expect(await chosenFolder(folder)).toBe(join(folder, 'environments', 'peaq'))
  })
})

describe('the environments', () => {
  it.each([
    ['polygon', 137],
    ['amoy', 80_002],
    ['peaq', 3_338],
    ['iotex', 4_689],
  ] as const)('%s is found where the SDK finds it, on chain %i', async (name, chainId) => {
    const preset = environmentPreset(name)
    expect(preset.chainId).toBe(chainId)
    for (const contract of Object.values(preset.contracts)) expect(contract).toMatch(/^0x[0-9a-f]{40}$/)
    const environment = await open({ version: 1, environment: name, rpcUrls: {}, custom: null })
    expect(environment).toMatchObject({
      chainId,
      rpcUrls: preset.rpcUrls,
      contracts: preset.contracts,
      hostedIndexUrl: expect.stringMatching(/^https:/),
      startBlock: null,
      isLoopback: false,
      gasIsFree: false,
    })
    expect(environment.entryPoints.length).toBeGreaterThan(0)
  })

  it('take the user’s own endpoints in place of the usual ones', async () => {
    const rpcUrls = { polygon: ['https://mine.example/key', 'https://second.example'] }
    const environment = await open({ version: 1, environment: 'polygon', rpcUrls, custom: null })
    expect(environment.rpcUrls).toEqual(rpcUrls.polygon)
  })

  it('know a custom network on this machine from one on the web', async () => {
    const choice = { version: 1 as const, environment: 'custom' as const, rpcUrls: {} }
    expect(await open({ ...choice, custom: CUSTOM })).toMatchObject({ isLoopback: true, gasIsFree: false })
    const web = { nodeId: 'd'.repeat(40), websocket: { host: 'entry.example', port: 443, tls: true } }
    const custom = { ...CUSTOM, entryPoints: [...CUSTOM.entryPoints, web] }
    expect(await open({ ...choice, custom })).toMatchObject({ isLoopback: false })
  })
})

describe('the choice of an environment', () => {
  it('is the local network to begin with, and writes nothing by itself', async () => {
    const file = await openEnvironmentChoice(folder)
    expect(file.current.environment).toBe('local')
    expect(createEnvironmentSwitch(file, () => []).view()).toMatchObject({
      isFirstRun: true,
      needsRestart: false,
    })
    await expect(readFile(join(folder, ENVIRONMENT_FILE))).rejects.toThrow('ENOENT')
  })

  it('counts from the next start on, and says so', async () => {
    const change = createEnvironmentSwitch(await openEnvironmentChoice(folder), () => [])
    expect(await change.choose({ environment: 'amoy' })).toMatchObject({
      running: 'local',
      chosen: 'amoy',
      isFirstRun: false,
      needsRestart: true,
    })
    const next = createEnvironmentSwitch(await openEnvironmentChoice(folder), () => [])
    expect(next.view()).toMatchObject({ running: 'amoy', needsRestart: false })
    expect(await next.choose({ environment: 'amoy', rpcUrls: ['https://mine.example'] })).toMatchObject({
      needsRestart: true,
    })
    expect(await next.choose({ environment: 'amoy', rpcUrls: null })).toMatchObject({ needsRestart: false })
  })

  it('refuses a network of one’s own that nobody described, from the portal and the command line', async () => {
    const change = createEnvironmentSwitch(await openEnvironmentChoice(folder), () => [])
    await expect(change.choose({ environment: 'custom' })).rejects.toMatchObject({ code: 'invalid-input' })
    await expect(openEnvironmentChoice(folder, 'custom')).rejects.toMatchObject({ code: 'config-invalid' })
    expect((await openEnvironmentChoice(folder)).current.environment).toBe('local')
    expect(await change.choose({ environment: 'custom', custom: CUSTOM })).toMatchObject({ chosen: 'custom' })
    expect((await openEnvironmentChoice(folder, 'custom')).current.custom).toEqual(CUSTOM)
  })

  it.each([
    ['an unknown environment', { version: 1, environment: 'mars' }, /environment/],
    ['an endpoint that is no web address', { version: 1, rpcUrls: { polygon: ['file:///etc'] } }, /rpcUrls/],
    ['no endpoint at all', { version: 1, rpcUrls: { polygon: [] } }, /rpcUrls/],
    ['contracts that are none', { version: 1, custom: { ...CUSTOM, contracts: {} } }, /custom/],
  ])('refuses %s in words and leaves the file as it is', async (_name, content, sentence) => {
    const path = join(folder, ENVIRONMENT_FILE)
    await writeFile(path, JSON.stringify(content))
    await expect(openEnvironmentChoice(folder, 'peaq')).rejects.toMatchObject({
      code: 'config-invalid',
      message: expect.stringMatching(sentence),
    })
    expect(await readFile(path, 'utf8')).toBe(JSON.stringify(content))
  })

  it('takes contracts however they are written', () => {
    const written = { ...CUSTOM.contracts, streamRegistry: `0x${'A'.repeat(40)}` }
    expect(customNetworkInput.parse({ ...CUSTOM, contracts: written })).toEqual(CUSTOM)
  })
})
