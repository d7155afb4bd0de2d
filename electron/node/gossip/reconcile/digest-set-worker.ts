/** Thread that works on large digest sets; spoken to by `digest-set-thread.ts`. */
import { parentPort, workerData } from 'node:worker_threads'
import { DigestCache } from './digest-cache.ts'
import type { DigestSet } from './digest-set.ts'
import { DigestSetBuilder } from './digest-set-builder.ts'
import { type SetAnswer, type SetCall, type SetRequest, toErrorShape } from './digest-set-protocol.ts'
import { guardPeerData } from './peer-data.ts'

const port = parentPort
if (port === null) throw new Error('digest-set-worker runs as a worker thread only')

const cache = new DigestCache((workerData as { cacheBytes: number }).cacheBytes)
const builders = new Map<number, DigestSetBuilder>()
const sets = new Map<number, DigestSet>()

function taken<T>(map: Map<number, T>, set: number): T {
  const value = map.get(set)
  if (value === undefined) throw new Error('The digest set is closed.')
  return value
}

function answer(request: SetRequest): unknown {
  const { set } = request
  switch (request.do) {
    case 'begin': {
      const builder = new DigestSetBuilder({ part: request.part, levelMs: request.levelMs, cache })
      builders.set(set, builder)
      return builder.takeCached(request.keys)
    }
    case 'append':
      return taken(builders, set).append(request.columns)
    case 'finish': {
      const finished = taken(builders, set).finish(request.key)
      builders.delete(set)
      sets.set(set, finished)
      return finished.size
    }
    case 'cellsTo':
      return guardPeerData(() => taken(sets, set).cellsTo(request.total))
    case 'addCells':
      return guardPeerData(() => taken(sets, set).addCells(request.bytes, request.total, request.remoteSize))
    case 'list':
      return taken(sets, set).list(request.bits)
    case 'matchList':
      return guardPeerData(() => taken(sets, set).matchList(request.list))
    case 'select':
      return guardPeerData(() => taken(sets, set).select(request.naming))
    case 'close':
      builders.delete(set)
      sets.delete(set)
      return undefined
  }
}

port.on('message', ({ call, request }: SetCall) => {
  let reply: SetAnswer
  try {
    reply = { call, value: answer(request) }
  } catch (error) {
    reply = { call, error: toErrorShape(error) }
  }
  port.postMessage(reply)
})
