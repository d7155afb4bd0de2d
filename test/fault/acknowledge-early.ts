// A mutant for the kill test: with `--import` of this file, the store tells senders that their batches are stored
// and commits them some time later. The kill test must find it out.
import { registerHooks } from 'node:module'

const HONEST = `const results = this.#options.append(
      group.map(({ batch }) => batch),
      group.map(({ queued }) => queued.buffer),
    )`
const EARLY = `const batches = group.map(({ batch }) => batch)
    const buffers = group.map(({ queued }) => queued.buffer)
    setTimeout(() => this.#options.append(batches, buffers), 25)
    const results = batches.map(({ messages: stored }) => ({ stored, duplicates: 0, parts: [] }))`

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context)
    if (!url.endsWith('/append-queue.ts')) return loaded
    const source = String(loaded.source)
    if (!source.includes(HONEST)) throw new Error('The mutant does not fit the store any more')
    return { ...loaded, source: source.replace(HONEST, EARLY) }
  },
})
