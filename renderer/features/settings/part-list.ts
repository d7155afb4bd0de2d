import type { ShippedPart } from '../../../shared/licences.ts'

/** Parts whose name or licence holds every word of `words`. */
export function matchingParts(parts: readonly ShippedPart[], words: string): ShippedPart[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean)
  return parts.filter(({ name, licence }) => {
    const told = `${name} ${licence}`.toLowerCase()
    return wanted.every((word) => told.includes(word))
  })
}

/** How many parts each licence has, the most frequent first. */
export function countByLicence(parts: readonly ShippedPart[]): { licence: string; count: number }[] {
  const counts = new Map<string, number>()
  for (const { licence } of parts) counts.set(licence, (counts.get(licence) ?? 0) + 1)
  return [...counts]
    .map(([licence, count]) => ({ licence, count }))
    .sort((a, b) => b.count - a.count || a.licence.localeCompare(b.licence))
}

/** The page of a part's source, where what its package file says leads to one; package files write it in many ways. */
export function sourcePage(source: string | null): string | null {
  if (source === null) return null
  const short = /^(?:github:)?([\w.-]+\/[\w.-]+)$/.exec(source)
  const address = (short ? `https://github.com/${short[1]}` : source)
    .replace(/^git\+/, '')
    .replace(/^git@([^:/]+):/, 'https://$1/')
    .replace(/^(?:git|ssh|http):\/\/(?:git@)?/, 'https://')
    .replace(/\.git(?=#|$)/, '')
  const url = URL.parse(address)
  return url?.protocol === 'https:' && url.username === '' ? url.href : null
}
