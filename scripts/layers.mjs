// The lint rule of the house: who may import whom. Paths are resolved before they are judged, so `../store/x` means
// the same wherever it is written. A new part or feature needs no line here: it falls under the rule of its folder.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The first rule whose `of` matches a file judges its imports. `may` says which of our own files it sees, `packages`
 * whether it may import a package (all of them when left out). `$1` stands for the folder that `of` found.
 */
const RULES = [
  {
    of: /^shared\//,
    may: ['shared/'],
    why: 'shared/ imports nothing of ours.',
  },
  {
    of: /^electron\/node\/message\//,
    may: ['shared/', 'electron/node/message/', 'electron/node/ports.ts'],
    why: 'message/ is what all parts stand on.',
  },
  {
    of: /^electron\/node\/postgres\//,
    may: ['shared/', 'electron/files/', 'electron/node/ports.ts', 'electron/node/postgres/'],
    why: 'postgres/ is the way to a database server, on which the store and the sink stand.',
  },
  {
    of: /^electron\/node\/(store|sink)\//,
    may: [
      'shared/',
      'electron/node/message/',
      'electron/node/postgres/',
      'electron/node/ports.ts',
      'electron/node/$1/',
      'electron/worker-url.ts',
    ],
    why: 'The store and the sink stand on postgres/, and take the rest through ports.ts; compose-node.ts joins them.',
  },
  {
    of: /^electron\/node\/([^/]+)\//,
    may: [
      'shared/',
      'electron/files/',
      'electron/node/message/',
      'electron/node/ports.ts',
      'electron/node/public-address.ts',
      'electron/node/$1/',
      'electron/worker-url.ts',
    ],
    why: 'A part takes what it needs through ports.ts, never from a sibling (public-address.ts is the one guard for URLs of strangers); compose-node.ts joins them.',
  },
  {
    of: /^electron\/node\//,
    may: ['shared/', 'electron/files/', 'electron/node/', 'electron/worker-url.ts'],
    why: 'The node knows neither its hosts nor its windows.',
  },
  {
    of: /^electron\/api\//,
    may: ['shared/', 'electron/api/', 'electron/node/storage-node.ts', 'electron/node/ports.ts'],
    also: ['electron/node/message/'],
    why: 'The API sees the node through storage-node.ts and the ports.',
  },
  { of: /^electron\//, may: ['shared/', 'electron/'], why: 'The hosts do not know the renderer.' },
  {
    of: /^renderer\/features\/([^/]+)\//,
    may: ['shared/', 'renderer/api/', 'renderer/ui/', 'renderer/features/$1/'],
    why: 'A feature never imports another feature: share through renderer/ui or renderer/api.',
  },
  {
    of: /^renderer\/ui\//,
    may: ['shared/', 'renderer/ui/'],
    why: 'ui/ holds components without data access.',
  },
  {
    of: /^renderer\/api\//,
    may: ['shared/', 'renderer/api/', 'renderer/ui/'],
    types: ['electron/api/router.ts'],
    why: 'renderer/api alone imports the router, and only its type.',
  },
  {
    of: /^renderer\/verify\//,
    may: ['shared/', 'renderer/verify/', 'electron/node/provenance/verify-evidence.ts'],
    why: 'The verification page is the node’s own verifier in a browser, and nothing else.',
  },
  {
    of: /^renderer\//,
    may: ['shared/', 'renderer/'],
    why: 'The renderer reaches the node through renderer/api.',
  },
]

/** Packages that belong to one place. */
const PACKAGES = [
  {
    name: '@streamr/sdk',
    in: /^electron\/node\/(streamr|local-network)\/|^test\//,
    why: 'Only the Streamr adapter and the local network import the SDK.',
  },
  {
    name: 'electron',
    in: /^electron\/(main|preload)\.ts$|^electron\/desktop\//,
    why: 'Electron stays in the shell.',
  },
]

const IMPORT = /^(import|export)(\s+type)?\s[^'"]*?\bfrom\s+['"]([^'"]+)['"]|^import\s+['"]([^'"]+)['"]/gm
const DYNAMIC_IMPORT = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g

/** Every import of a source text: what is named, whether only as a type, and on which line. */
function importsOf(text) {
  const lineOf = (index) => text.slice(0, index).split('\n').length
  const found = []
  for (const match of text.matchAll(IMPORT)) {
    found.push({
      target: match[3] ?? match[4],
      isType: match[2] !== undefined,
      line: lineOf(match.index),
    })
  }
  for (const match of text.matchAll(DYNAMIC_IMPORT)) {
    found.push({ target: match[1], isType: false, line: lineOf(match.index) })
  }
  return found
}

/**
 * What is wrong with one file's imports, a sentence each.
 * @param {string} file path from the project's root, with forward slashes
 * @param {string} text
 */
export function judgeImports(file, text) {
  const faults = []
  const rule = RULES.find(({ of }) => of.test(file))
  const folder = rule?.of.exec(file)?.[1] ?? ''
  const named = (paths = []) => paths.map((path) => path.replace('$1', folder))
  for (const { target, isType, line } of importsOf(text)) {
    if (!target.startsWith('.')) {
      const owner = PACKAGES.find(({ name }) => target === name || target.startsWith(`${name}/`))
      if (owner && !owner.in.test(file)) faults.push(`${file}:${line} imports ${target}. ${owner.why}`)
      continue
    }
    if (!rule) continue
    const path = posix.normalize(posix.join(posix.dirname(file), target.replace(/\?.*$/, '')))
    const seen = [...named(rule.may), ...named(rule.also), ...(isType ? named(rule.types) : [])]
    if (!seen.some((allowed) => (allowed.endsWith('/') ? path.startsWith(allowed) : path === allowed))) {
      faults.push(`${file}:${line} imports ${path}. ${rule.why}`)
    }
  }
  return faults
}

function* sourcesBelow(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* sourcesBelow(path)
    else if (/\.tsx?$/.test(entry.name)) yield path
  }
}

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')

/** Judges the whole tree. */
export function judgeTree() {
  const faults = []
  for (const folder of ['electron', 'renderer', 'shared']) {
    for (const path of sourcesBelow(join(root, folder))) {
      faults.push(...judgeImports(relative(root, path).split(sep).join('/'), readFileSync(path, 'utf8')))
    }
  }
  return faults
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const faults = judgeTree()
  for (const fault of faults) process.stderr.write(`${fault}\n`)
  process.exitCode = faults.length === 0 ? 0 : 1
}
