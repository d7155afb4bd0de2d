// What the npm scripts do, once the Node at hand is new enough to read this. Sets up what is missing first.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import {
  electronBinary,
  ensureBuild,
  ensureDependencies,
  fail,
  fetchElectron,
  projectEnvironment,
  projectNode,
  root,
  say,
} from './bootstrap.mjs'

/** Runs the last step in our place: same streams, same signals, same exit code. */
function become(command, args) {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd: root, env: projectEnvironment(), stdio: 'inherit' })
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
    child.on('error', (error) => fail(`${command} could not be started: ${error.message}`))
    child.on('close', (code, signal) => done(signal ? 1 : (code ?? 1)))
  })
}

function hasDisplay() {
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)
}

const node = (script, args) =>
  become(projectNode(), [
    '--enable-source-maps',
    '--disable-warning=ExperimentalWarning',
    join(root, script),
    ...args,
  ])
const portal = (args) => node('dist/electron/headless.js', args)

async function start(args) {
  await ensureDependencies()
  await ensureBuild()
  if (args.includes('--headless')) return portal(args)
  if (!hasDisplay()) {
    say('no display here, so no desktop window; serving the portal on loopback instead')
    return portal(args)
  }
  const electron = electronBinary() ?? fetchElectron()
  if (!electron) {
    say('the desktop runtime (Electron) cannot be fetched from here; serving the portal on loopback instead')
    return portal(args)
  }
  return become(electron, [root, ...args])
}

const COMMANDS = {
  start,
  async build() {
    await ensureDependencies()
    await ensureBuild()
    return 0
  },
  async cli(args) {
    await ensureDependencies()
    await ensureBuild()
    return node('dist/electron/cli.js', args)
  },
  async test(args) {
    await ensureDependencies()
    await ensureBuild()
    return node('scripts/test.mjs', args)
  },
  async check() {
    await ensureDependencies()
    return node('scripts/test.mjs', ['--only', 'lint,types'])
  },
  async bench(args) {
    await ensureDependencies()
    await ensureBuild()
    return node('test/bench/run.ts', args)
  },
  async fault(args) {
    await ensureDependencies()
    return node('test/fault/run.ts', args)
  },
  async fuzz(args) {
    await ensureDependencies()
    return node('test/fuzz/run.ts', args)
  },
  async screenshots(args) {
    await ensureDependencies()
    await ensureBuild()
    return node('scripts/screenshots.mjs', args)
  },
  async wasm() {
    await ensureDependencies()
    return node('scripts/wasm.mjs', [])
  },
  async package(args) {
    await ensureDependencies()
    await ensureBuild()
    return become(projectNode(), [join(root, 'node_modules/electron-builder/cli.js'), ...args])
  },
}

const [name, ...args] = process.argv.slice(2)
const command = COMMANDS[name]
if (!command) fail(`There is no command "${name ?? ''}".`, `Known: ${Object.keys(COMMANDS).join(', ')}.`)
process.exitCode = await command(args)
