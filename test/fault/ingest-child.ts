// The process that is killed, or whose disk fails: it stores numbered messages and says which ones were
// acknowledged. Arguments: file, first number, batches (0: until killed), messages a batch.
import { writeSync } from 'node:fs'
import { openSqliteStore } from '../../electron/node/store/sqlite-store.ts'
import { TidemarkError } from '../../shared/errors.ts'
import { numberedMessages, PART } from './numbered-messages.ts'

const [file = '', firstText, batchesText, sizeText] = process.argv.slice(2)
const size = Number(sizeText)
const ignore = (): undefined => undefined
const silent = { debug: ignore, info: ignore, warn: ignore, error: ignore }
const logger = { ...silent, child: () => logger }

/** How often a batch is offered that the store could not take, as any sender does. */
const MAX_ATTEMPTS = 100

/** Past every buffer: what is said must not be lost with the process. */
function say(line: string): void {
  writeSync(1, `${line}\n`)
}

say('start')
try {
  const store = await openSqliteStore({ file, logger, clock: { now: () => Date.now() } })
  say('ready')
  const batches = Number(batchesText) || Number.POSITIVE_INFINITY
  for (let batch = 0; batch < batches; batch++) {
    const first = Number(firstText) + batch * size
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      try {
        const { stored, duplicates } = await store.append(numberedMessages(first, size))
        say(stored + duplicates === size ? `ack ${first} ${size}` : `odd ${first} ${stored}`)
        break
      } catch (error) {
        say(`err ${first} ${error instanceof TidemarkError ? error.code : 'defect'}`)
      }
    }
  }
  let read = 0
  for await (const page of store.query({ part: PART })) read += page.length
  say(`read ${read} ${store.status().problem?.code ?? 'well'}`)
  await store.close()
  say('done')
} catch (error) {
  say(`fail ${error instanceof TidemarkError ? error.code : String(error)}`)
  process.exitCode = 1
}
