// Writes dist/licences.json: every package that is shipped, with its version, licence, where its source is, and the
// licence's text where the package carries one. The lock file says what is shipped and what only builds and tests.
// The build runs it, and `npm run package` as electron-builder's hook; by hand: node scripts/licences.mjs
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))

/** All of them where a part may be used under one of several, and what Apache-2.0 calls the notice. */
function licenceText(folder) {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /^(un)?(licen[cs]e|copying|notice)([-.][\w.-]+)?$/i.test(entry.name))
    .map(({ name }) => name)
    .filter((name) => !/\.(js|mjs|cjs|ts|json|map)$/i.test(name))
    .sort()
  if (names.length === 0) return null
  return names.map((name) => readFileSync(join(folder, name), 'utf8').trim()).join('\n\n')
}

function licenceName({ license, licenses }) {
  if (typeof license === 'string') return license
  return license?.type ?? licenses?.map(({ type }) => type).join(' OR ') ?? 'unknown'
}

function sourceOf({ repository, homepage }) {
  return (typeof repository === 'string' ? repository : repository?.url) ?? homepage ?? null
}

/** Answers `{ parts, texts }`; `parts[n].text` is an index into `texts`, because most texts are the same few. */
export function collectLicences() {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const packages = new Map()
  for (const [path, entry] of Object.entries(lock.packages)) {
    const folder = join(root, path)
    // Binaries for other systems are in the lock file and not on this disk.
    if (path === '' || entry.dev || entry.devOptional || !existsSync(join(folder, 'package.json'))) continue
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const { name, version } = manifest
    const part = {
      name,
      version,
      licence: licenceName(manifest),
      source: sourceOf(manifest),
      text: licenceText(folder),
    }
    packages.set(`${name}@${version}`, part)
  }
  const found = [...packages.keys()].sort().map((key) => packages.get(key))
  const texts = [...new Set(found.flatMap(({ text }) => (text === null ? [] : [text])))]
  return {
    parts: found.map((part) => ({ ...part, text: part.text === null ? null : texts.indexOf(part.text) })),
    texts,
  }
}

export default function writeLicences() {
  const licences = collectLicences()
  mkdirSync(join(root, 'dist'), { recursive: true })
  writeFileSync(join(root, 'dist', 'licences.json'), JSON.stringify(licences))
  process.stderr.write(`tidemark: the licences of ${licences.parts.length} parts are in dist/licences.json\n`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeLicences()
