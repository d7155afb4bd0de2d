import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { z } from 'zod'
import { TidemarkError } from '../../../shared/errors.ts'
import { writeFileAtomically } from '../../files/atomic-file.ts'
import { callChain } from './json-rpc.ts'

/** Empty blocks kept behind the newest: what the chain's own BLOCKHASH reaches back, and indexers compare with. */
const KEPT_EMPTY_BLOCKS = 256

const quantity = z.union([z.string(), z.number()]).transform(Number)
/** Only what pruning looks at; the rest is the chain's business and passes through as it is. */
const chainStateSchema = z.looseObject({
  best_block_number: quantity,
  blocks: z.array(
    z.looseObject({ header: z.looseObject({ number: quantity }), transactions: z.array(z.unknown()) }),
  ),
})

const unzip = promisify(gunzip)

/**
 * Writes the whole chain (accounts, code, blocks, event logs) to `path`, so that it survives the kill of every
 * process from then on. The chain's own way of saving truncates its file first and is not used.
 */
export async function saveChainState(rpcUrl: string, path: string): Promise<number> {
  const dump = await callChain(rpcUrl, 'anvil_dumpState')
  if (typeof dump !== 'string' || !dump.startsWith('0x')) throw new TypeError('The chain dumped no state')
  const json = await unzip(Buffer.from(dump.slice(2), 'hex'))
  await writeFileAtomically(path, json)
  return json.byteLength
}

/**
 * Drops old blocks without transactions from a saved chain: they hold no event, and a block every two seconds
 * would otherwise add 75 MB a day. The genesis block, all blocks with transactions and the newest blocks stay.
 * @returns whether there is a saved chain to start from
 * @throws TidemarkError `chain-unavailable` when the file is damaged
 */
export async function pruneChainState(path: string): Promise<boolean> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
  let raw: Record<string, unknown>
  let state: z.infer<typeof chainStateSchema>
  try {
    raw = JSON.parse(text) as Record<string, unknown>
    state = chainStateSchema.parse(raw)
  } catch (cause) {
    throw new TidemarkError(
      'chain-unavailable',
      `The saved chain of the local network at ${path} is damaged.`,
      'Restore the file, or move the folder it is in away: a new local network is made then. Messages already stored stay.',
      { cause },
    )
  }
  const rawBlocks = raw.blocks as unknown[]
  const oldestEmpty = state.best_block_number - KEPT_EMPTY_BLOCKS
  const kept = rawBlocks.filter((_, index) => {
    const block = state.blocks[index]
    if (block === undefined) return false
    const { number } = block.header
    return number === 0 || number > oldestEmpty || block.transactions.length > 0
  })
  if (kept.length < rawBlocks.length) {
    await writeFileAtomically(path, JSON.stringify({ ...raw, blocks: kept }))
  }
  return true
}
