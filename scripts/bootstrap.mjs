// Sets up a fresh clone: the locked dependencies (the project's own Node among them) and a build newer than its
// sources. Plain Node 20, no dependencies: it runs before anything is installed. Speaks on stderr alone, because
// stdout belongs to the command that follows.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { delimiter, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const OLDEST_RUNTIME = [22, 12]
const isWindows = process.platform === 'win32'
const bin = join(root, 'node_modules', '.bin')

/** Environment of everything the project runs: its own Node and tools come first. */
export function projectEnvironment() {
  const pathKey = Object.keys(process.env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH'
  return { ...process.env, [pathKey]: `${bin}${delimiter}${process.env[pathKey] ?? ''}` }
}

export function say(sentence) {
  process.stderr.write(`tidemark: ${sentence}\n`)
}

/** Ends the run with a sentence and a remedy, never a stack trace. */
export function fail(sentence, remedy) {
  say(sentence)
  if (remedy) say(remedy)
  process.exit(1)
}

function isAtLeast(version, [major, minor]) {
  const [a, b] = version.replace(/^v/, '').split('.').map(Number)
  return a > major || (a === major && b >= minor)
}

/** Path of the project's own Node, which `npm ci` puts into node_modules. */
export function projectNode() {
  const own = isWindows
    ? join(root, 'node_modules', 'node', 'bin', 'node.exe')
    : join(root, 'node_modules', 'node', 'bin', 'node')
  if (existsSync(own)) return own
  if (isAtLeast(process.version, OLDEST_RUNTIME)) return process.execPath
  return fail(
    `The project's own Node is missing and this one (${process.version}) is older than ${OLDEST_RUNTIME.join('.')}.`,
    'Delete node_modules and run the command again; it will be installed anew.',
  )
}

function lockFingerprint() {
  const lock = readFileSync(join(root, 'package-lock.json'))
  const patches = existsSync(join(root, 'patches'))
    ? readdirSync(join(root, 'patches'))
        .sort()
        .map((name) => readFileSync(join(root, 'patches', name)))
    : []
  const hash = createHash('sha256').update(lock).update(`${process.platform} ${process.arch}`)
  for (const patch of patches) hash.update(patch)
  return hash.digest('hex')
}

/** Runs a child with its output on our stderr, a sentence every ten seconds, and answers its exit code. */
export function runVisibly(
  command,
  args,
  { quietUntilFailure = false, label, env = projectEnvironment() } = {},
) {
  return new Promise((done) => {
    const started = Date.now()
    const child = spawn(command, args, {
      cwd: root,
      env,
      shell: isWindows && command.endsWith('npm'),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const kept = []
    const show = (chunk) => (quietUntilFailure ? kept.push(chunk) : process.stderr.write(chunk))
    child.stdout.on('data', show)
    child.stderr.on('data', show)
    const timer = setInterval(
      () => say(`${label ?? command}: ${Math.round((Date.now() - started) / 1000)} s so far`),
      10_000,
    )
    child.on('error', (error) => {
      clearInterval(timer)
      say(`${command} could not be started: ${error.message}`)
      done(127)
    })
    child.on('close', (code) => {
      clearInterval(timer)
      if (code !== 0) for (const chunk of kept) process.stderr.write(chunk)
      done(code ?? 1)
    })
  })
}

export async function ensureDependencies() {
  const stamp = join(root, 'node_modules', '.tidemark-installed')
  const fingerprint = lockFingerprint()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint) return
  say(
    'installing the locked dependencies, Node 24 among them; this takes one to three minutes and happens once',
  )
  const code = await runVisibly('npm', ['ci', '--loglevel', 'error'], {
    label: 'npm ci',
    quietUntilFailure: true,
    env: process.env,
  })
  if (code !== 0)
    fail(
      'The dependencies could not be installed.',
      'Check the network or your registry settings (the lines above say what failed) and run the command again.',
    )
  writeFileSync(stamp, fingerprint)
  say('dependencies are in place')
}

function newestChange(paths) {
  let newest = 0
  const walk = (path) => {
    const info = statSync(path, { throwIfNoEntry: false })
    if (!info) return
    newest = Math.max(newest, info.mtimeMs)
    if (info.isDirectory()) for (const name of readdirSync(path)) walk(join(path, name))
  }
  for (const path of paths) walk(join(root, path))
  return newest
}

const NODE_SOURCES = [
  'electron',
  'shared',
  'tsconfig.base.json',
  'tsconfig.build.json',
  'vite.preload.config.ts',
]
const RENDERER_SOURCES = [
  'renderer',
  'shared',
  'resources',
  'electron/api',
  'electron/node/message',
  'electron/node/provenance',
  'vite.config.ts',
  'vite.verify.config.ts',
  'tsconfig.renderer.json',
]

async function buildPart(name, sources, steps) {
  const stamp = join(root, 'dist', `.built-${name}`)
  const built = statSync(stamp, { throwIfNoEntry: false })
  if (built && built.mtimeMs > newestChange([...sources, 'package-lock.json'])) return
  say(`building the ${name}`)
  const startedAt = new Date()
  for (const args of steps) {
    const code = await runVisibly(projectNode(), args, {
      quietUntilFailure: true,
      label: `build of the ${name}`,
    })
    if (code !== 0)
      fail(
        `The ${name} could not be built.`,
        'The lines above say where. A clean checkout of the main branch always builds.',
      )
  }
  mkdirSync(join(root, 'dist'), { recursive: true })
  writeFileSync(stamp, startedAt.toISOString())
  // A source saved while the build ran must count as newer than it.
  utimesSync(stamp, startedAt, startedAt)
}

/** What is shipped stands in the lock file: beside it only the script that lists it can change the list. */
const LICENCE_SOURCES = ['scripts/licences.mjs']

/** Builds what is older than its sources. */
export async function ensureBuild() {
  const tool = (path) => join(root, 'node_modules', ...path.split('/'))
  await buildPart('node', NODE_SOURCES, [
    // Types are checked by `npm test`; a start only needs the files.
    [tool('typescript/bin/tsc'), '-p', 'tsconfig.build.json', '--noCheck'],
    [tool('vite/bin/vite.js'), 'build', '--logLevel', 'warn', '--config', 'vite.preload.config.ts'],
  ])
  await buildPart('licences', LICENCE_SOURCES, [['scripts/licences.mjs']])
  const build = [tool('vite/bin/vite.js'), 'build', '--logLevel', 'warn']
  await buildPart('portal', RENDERER_SOURCES, [build, [...build, '--config', 'vite.verify.config.ts']])
}

export function cleanBuild() {
  rmSync(join(root, 'dist'), { recursive: true, force: true })
}

/** True where Electron's runtime, a separate download, has been fetched. */
export function electronBinary() {
  const folder = join(root, 'node_modules', 'electron')
  const pathFile = join(folder, 'path.txt')
  if (!existsSync(pathFile)) return null
  const binary = join(folder, 'dist', readFileSync(pathFile, 'utf8').trim())
  return existsSync(binary) ? binary : null
}

/** Tries once per clone to fetch Electron's runtime; says in one line why not. */
export function fetchElectron() {
  const tried = join(root, 'node_modules', '.tidemark-electron-tried')
  if (electronBinary() || existsSync(tried)) return electronBinary()
  const installer = join(
    root,
    'node_modules',
    '.bin',
    isWindows ? 'install-electron.cmd' : 'install-electron',
  )
  if (!existsSync(installer)) return null
  say('fetching the desktop runtime (Electron)')
  const result = spawnSync(installer, [], {
    cwd: root,
    env: projectEnvironment(),
    shell: isWindows,
    timeout: 300_000,
    stdio: 'ignore',
  })
  if (result.status !== 0) writeFileSync(tried, new Date().toISOString())
  return electronBinary()
}
