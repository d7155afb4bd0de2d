// Compiles assembly/ to WebAssembly and keeps it as a module of the tree, so that nothing needs a compiler to run.
// A test compares what is kept with what its source compiles to.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import asc from 'assemblyscript/asc'

const root = join(import.meta.dirname, '..')
const SOURCE = 'assembly/secp256k1/batch.ts'
const TARGET = 'electron/node/provenance/batch-check.wasm.ts'

/** What the source compiles to, as the text of a module. */
export async function compileBatchCheck() {
  let binary
  const { error, stderr } = await asc.main(
    [SOURCE, '--baseDir', root, '-O3', '--runtime', 'stub', '--noAssert', '--outFile', 'batch.wasm'],
    {
      writeFile: (_name, contents) => {
        binary = contents
      },
    },
  )
  if (error) throw new Error(`${SOURCE} does not compile: ${error.message}\n${stderr.toString()}`)
  const base64 = Buffer.from(binary).toString('base64')
  const lines = base64.match(/.{1,106}/g).map((line) => `${line}`)
  return [
    `// Made of ${SOURCE} by \`npm run wasm\`; not to be changed by hand.`,
    'export const BATCH_CHECK_WASM = `',
    ...lines,
    '`',
    '',
  ].join('\n')
}

if (import.meta.main) writeFileSync(join(root, TARGET), await compileBatchCheck())
