import type { DesktopCommand } from '../../shared/desktop-bridge.ts'

export const LINK_SCHEME = 'tidemark'
/** What a link leads to is a place and a stream; longer ones lead nowhere. */
const MAX_LINK_LENGTH = 4_096
/** No place of the portal, whose page for such says what may have become of the link. */
const NOWHERE = { kind: 'navigate', path: '/unknown-link' } as const

/**
 * Reads a link of the form `tidemark://open/workspace?stream=…`: a path of the portal. It can show a place and
 * change nothing, whoever made it. Links of ours that lead nowhere are said to; anything else is `null`.
 */
export function readDeepLink(link: string): Extract<DesktopCommand, { kind: 'navigate' }> | null {
  const isOurs = link.slice(0, LINK_SCHEME.length + 1).toLowerCase() === `${LINK_SCHEME}:`
  return isOurs ? (readPlace(link) ?? NOWHERE) : null
}

function readPlace(link: string): Extract<DesktopCommand, { kind: 'navigate' }> | null {
  if (link.length > MAX_LINK_LENGTH) return null
  const url = URL.parse(link)
  if (url === null || url.protocol !== `${LINK_SCHEME}:`) return null
  // What another node shows so that this one can pair with it: the page asks before it does.
  if (url.host === 'pair')
    return { kind: 'navigate', path: `/remote-log?${new URLSearchParams({ pair: link })}` }
  if (url.host !== 'open') return null
  if (!/^\/[a-z-]*$/.test(url.pathname)) return null
  return { kind: 'navigate', path: url.pathname + url.search }
}
