import { useSyncExternalStore } from 'react'
import type { BaseLocationHook, BaseSearchHook } from 'wouter'

/**
 * The place in the portal lives behind `#`: it needs no server that knows our paths, works on the desktop
 * window's own scheme, and is never sent anywhere.
 */
const listeners = new Set<() => void>()

function notify(): void {
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    addEventListener('hashchange', notify)
    addEventListener('popstate', notify)
  }
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) {
      removeEventListener('hashchange', notify)
      removeEventListener('popstate', notify)
    }
  }
}

function currentPath(): string {
  const path = location.hash.replace(/^#\/?/, '').split('?', 1)[0] ?? ''
  return `/${path}`
}

export function currentSearch(): string {
  const mark = location.hash.indexOf('?')
  return mark === -1 ? '' : location.hash.slice(mark + 1)
}

export interface NavigateOptions {
  replace?: boolean
  state?: unknown
}

export function navigate(to: string, options: NavigateOptions = {}): void {
  const target = `#${to.startsWith('/') ? to : `/${to}`}`
  if (target === location.hash) return
  history[options.replace === true ? 'replaceState' : 'pushState'](options.state ?? null, '', target)
  notify()
}

/** Changes the query in the address bar and tells nobody: for state that another place already holds. */
export function replaceSearchQuietly(search: string): void {
  history.replaceState(history.state, '', `#${currentPath()}${search === '' ? '' : `?${search}`}`)
}

export const useHashLocation: BaseLocationHook & { hrefs: (href: string) => string } = Object.assign(
  (): [string, typeof navigate] => [useSyncExternalStore(subscribe, currentPath), navigate],
  { hrefs: (href: string) => `#${href}` },
)

export const useHashSearch: BaseSearchHook = () => useSyncExternalStore(subscribe, currentSearch)
