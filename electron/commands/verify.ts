import { open } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import type { EvidenceVerdict } from '../../shared/evidence.ts'
import { MAX_EVIDENCE_FILE_BYTES, verifyEvidenceFile } from '../node/provenance/verify-evidence.ts'

const EXIT_CODES: Record<EvidenceVerdict['outcome'], number> = { good: 0, 'not-good': 1, 'not-readable': 2 }

/** Reads at most one byte more than evidence may have, whatever the file claims or grows to meanwhile. */
async function readBounded(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const buffer = Buffer.alloc(Math.min(size, MAX_EVIDENCE_FILE_BYTES) + 1)
    let length = 0
    while (length < buffer.length) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length, length)
      if (bytesRead === 0) break
      length += bytesRead
    }
    return buffer.subarray(0, length)
  } finally {
    await file.close()
  }
}

async function check(path: string): Promise<EvidenceVerdict> {
  try {
    return verifyEvidenceFile(await readBounded(path))
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unknown'
    return { outcome: 'not-readable', sentence: `The file cannot be read: ${why}.` }
  }
}

/**
 * Checks a proof or an audit report with no node and no network and says what it found.
 * @returns the exit code: 0 good, 1 not good, 2 not readable
 */
export async function verify(path: string, asJson: boolean, output: Writable): Promise<number> {
  const verdict = await check(path)
  const { outcome, sentence } = verdict
  const statements = verdict.outcome === 'good' ? verdict.statements : []
  output.write(
    asJson
      ? `${JSON.stringify({ outcome, sentence, statements })}\n`
      : [`${outcome.replace('-', ' ')}: ${sentence}`, ...statements.map((line) => `  ${line}`), ''].join(
          '\n',
        ),
  )
  return EXIT_CODES[outcome]
}
