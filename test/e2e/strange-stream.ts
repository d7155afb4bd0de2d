import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StreamPermission, StreamrClient } from '@streamr/sdk'
import { createSecondClient } from '../support/second-client.ts'
import { expect, type Portal } from './portal.ts'

const PUBLISH_EVERY_MS = 300

/** A stream of somebody else that the portal keeps, and the client that publishes to it. */
export interface StrangeStream {
  id: string
  part: string
  client: StreamrClient
  /** Before this the publisher had no right to publish, ms since the epoch. */
  since: number
  /** Publishes one content after the other, over and over, until it is told to end. */
  publishAll(contents: readonly (object | Uint8Array)[]): () => Promise<void>
  leave(): Promise<void>
}

/** Makes a stream on the portal's network by an account of its own, and subscribes the portal to it by its dialog. */
export async function keepStrangeStream({ page, ready, open }: Portal, name: string): Promise<StrangeStream> {
  const client = await createSecondClient(ready.network, ready.network.fundedPrivateKey ?? '')
  try {
    const { id } = await client.createStream({ id: `/${name}-${randomBytes(4).toString('hex')}` })
    await client.grantPermissions(id, { public: true, permissions: ['subscribe' as StreamPermission] })
    const since = Date.now()
    await open('/')
    await page.keyboard.press('n')
    const dialog = page.getByRole('dialog', { name: 'Subscribe to a stream' })
    await dialog.getByLabel('Stream id, or a part of its name').fill(id)
    await dialog.getByRole('button', { name: 'Subscribe', exact: true }).click()
    await expect(dialog).toBeHidden()
    return {
      id,
      part: `${id}#0`,
      client,
      since,
      publishAll(contents) {
        let publishing = true
        const done = (async () => {
          for (let count = 0; publishing; count += 1) {
            await client.publish(id, contents[count % contents.length] ?? {})
            await sleep(PUBLISH_EVERY_MS)
          }
        })()
        return () => {
          publishing = false
          return done
        }
      },
      leave: () => client.destroy(),
    }
  } catch (error) {
    await client.destroy()
    throw error
  }
}
