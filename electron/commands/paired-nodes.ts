import type { Writable } from 'node:stream'
import { TidemarkError } from '../../shared/errors.ts'
import { SYNC_MODES } from '../../shared/remote-log.ts'
import type { ApiClient } from '../api/client.ts'

/** Shows an invitation, or pairs with the node that shows one. */
export async function pair(
  { api }: ApiClient,
  link: string | undefined,
  { code, at }: { code?: string; at?: string },
  output: Writable,
): Promise<void> {
  if (link === undefined && code === undefined) {
    const invitation = await api.remoteLog.invite.mutate()
    const until = new Date(invitation.expiresAt).toISOString()
    output.write(`${invitation.code}\n${invitation.link}\ngood once, until ${until}\n`)
    return
  }
  if (link === undefined && (code === undefined || at === undefined)) {
    throw new TidemarkError(
      'invalid-input',
      'A code alone does not say where the other node is.',
      'Give --at with an address of it too, or the link it shows.',
    )
  }
  const invitation = link !== undefined ? { link } : { code: code ?? '', address: at ?? '' }
  const { peer, label } = await api.remoteLog.pair.mutate(invitation)
  output.write(`${peer}\t${label}\n`)
}

/** Lists the paired nodes, after changing how they send when a mode is given. */
export async function sync({ api }: ApiClient, mode: string | undefined, output: Writable): Promise<void> {
  if (mode !== undefined) {
    const known = SYNC_MODES.find((name) => name === mode)
    if (known === undefined) {
      throw new TidemarkError(
        'invalid-input',
        `"${mode.slice(0, 40)}" is no way to send.`,
        `Use ${SYNC_MODES.join(' or ')}.`,
      )
    }
    await api.remoteLog.setSyncMode.mutate({ mode: known })
  }
  const view = await api.remoteLog.paired.query()
  output.write(`${view.mode}\n`)
  for (const { peer, label, isConnected } of view.nodes) {
    output.write(`${peer}\t${label}\t${isConnected ? 'connected' : 'away'}\n`)
  }
}
