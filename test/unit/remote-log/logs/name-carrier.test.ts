import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { OpenKeeper } from '../../../../electron/node/remote-log/keepers/keepers.ts'
import { NameCarrier } from '../../../../electron/node/remote-log/logs/name-carrier.ts'
import type { Keeper, LogRef } from '../../../../shared/remote-log.ts'
import { createMemoryBackend } from '../memory-backend.ts'
import { quietLogger } from '../quiet-logger.ts'

const ipfs = (name: string): LogRef => ({ name, keeper: { kind: 'ipfs' } })

function createCarrier(logs: LogRef[], carry: NonNullable<OpenKeeper['carry']>) {
  const open = vi.fn(async (_keeper: Keeper) => ({ ...createMemoryBackend(), carry }))
  const carrier = new NameCarrier({
    ...{ logs: () => logs, keepers: { open }, logger: quietLogger },
    ...{ firstWaitMs: 1, intervalMs: 5 },
  })
  onTestFinished(() => carrier.stop())
  carrier.start()
  return { carrier, open }
}

describe('carrying the names of logs that are read', () => {
  it('hands each to the network again and again, also those that come onto the list later', async () => {
    const logs = [ipfs('one'), ipfs('two')]
    const carried: string[] = []
    createCarrier(logs, async (name) => void carried.push(name))
    await vi.waitFor(() => expect(carried.slice(0, 4)).toEqual(['one', 'two', 'one', 'two']))
    logs.push(ipfs('three'))
    await vi.waitFor(() => expect(carried).toContain('three'))
  })

  it('goes on with the next when one cannot be carried', async () => {
    const carried: string[] = []
    createCarrier([ipfs('faded'), ipfs('good')], async (name) => {
      if (name === 'faded') throw new Error('nobody knows it')
      carried.push(name)
    })
    await vi.waitFor(() => expect(carried.length).toBeGreaterThan(1))
  })

  it('leaves keepers alone whose names do not fade', async () => {
    const carry = vi.fn(async () => undefined)
    const { open } = createCarrier([{ name: 'here', keeper: { kind: 'embedded' } }, ipfs('far')], carry)
    await vi.waitFor(() => expect(carry).toHaveBeenCalled())
    expect(open.mock.calls.map(([keeper]) => keeper.kind)).not.toContain('embedded')
  })

  it('ends what it is at when it is stopped', async () => {
    let aborted = false
    const { carrier, open } = createCarrier([ipfs('slow'), ipfs('next')], (_name, signal) => {
      return new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => {
          aborted = true
          reject(signal.reason)
        }),
      )
    })
    await vi.waitFor(() => expect(open).toHaveBeenCalled())
    await carrier.stop()
    expect(aborted).toBe(true)
    expect(open).toHaveBeenCalledTimes(1)
  })
})
