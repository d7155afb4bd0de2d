import { createHash } from 'node:crypto'
import { parentPort } from 'node:worker_threads'
import secp256k1 from 'secp256k1'
import type { RecoverRate } from './recover-limit.ts'

/** Recovers signers for as long as it is told, and says how many in how long: the machine's own limit. */
const SAMPLES = 1_000
const CALLS_BETWEEN_LOOKS = 50

const key = createHash('sha256').update('limit').digest()
const samples = Array.from({ length: SAMPLES }, (_, n) => {
  const hash = createHash('sha256').update(String(n)).digest()
  return { hash, ...secp256k1.ecdsaSign(hash, key) }
})
const output = new Uint8Array(65)

function recover(durationMs: number): RecoverRate {
  const start = performance.now()
  const before = process.threadCpuUsage()
  let recovered = 0
  let elapsedMs = 0
  while (elapsedMs < durationMs) {
    for (let i = 0; i < CALLS_BETWEEN_LOOKS; i++) {
      const sample = samples[recovered++ % SAMPLES]
      if (sample !== undefined)
        secp256k1.ecdsaRecover(sample.signature, sample.recid, sample.hash, false, output)
    }
    elapsedMs = performance.now() - start
  }
  const { user, system } = process.threadCpuUsage(before)
  return { perSecond: recovered / (elapsedMs / 1_000), cpuMicros: (user + system) / recovered }
}

parentPort?.on('message', (request: number | 'end') => {
  if (request === 'end') parentPort?.close()
  else parentPort?.postMessage(recover(request))
})
parentPort?.postMessage('ready')
